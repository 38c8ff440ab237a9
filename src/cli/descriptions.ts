// Written by scripts/input-descriptions.ts from action.yml when the bundle is built: change it there.
/** What each input is, for `--help`. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  command:
    "What to do: `backup` takes a backup of a PostgreSQL database or of Meilisearch and stores it; `restore-verify` restores one into a throwaway server, proves that it equals what was dumped, and records that; `restore` brings one back into a database; `list` tells what there is to restore; `prune` removes backups that the policy does not keep, and never the last good one; `lifecycle` sets the bucket's own rules; `doctor` looks at inputs, store, keys, database, search server and workflow files, and tells what is wrong and what to do; `reindex` rebuilds indexes of Meilisearch from the database; `replicate` copies backups to a second store; `check` looks whether all of that is as it has to be, changes nothing, and is red where it is not; `drill` practises the whole recovery and writes evidence of it.",
  source:
    'What is backed up: `postgres`, `meilisearch` or `bucket`. It decides which inputs there are, and which prefix and how many days hold where none are given. Not for `drill`, which is of all of them. Without it: `postgres`.',
  name:
    'What the backup is called in the store, for example `shop`. Without it: the name of the database, or `meilisearch`. Not together with `databases`. For `list`, `prune`, `replicate` and `check`: only backups of this name; without it all under the prefix. For `restore` and `restore-verify`: which; not needed where all under the prefix have one name. For `drill`: only this database.',
  'backup-id':
    'Which backup is restored or verified, for example `20261122T021500Z-1a2b3c`: `list` tells which there are. Without it: the newest.',
  before:
    'Takes the newest backup that is older than this time, for example `2026-11-22T02:15:00Z` or `2026-11-22` (its beginning in UTC). Not together with `backup-id`.',
  key:
    "Complete key of an archive without manifest that somebody else made with `pg_dump -Fc`, or of a dump of Meilisearch, for example `db/app.dump.xz.age`: what was done to it is in the name's end (`.xz`, `.zst`, `.age`). Instead of a backup. `restore-verify` takes it with `source: meilisearch` only.",
  only:
    'Restores only these tables with their rows, keys, indexes, defaults and sequences, separated by commas or line breaks, for example `public.orders, shop.*`. None of them may be there already, nor a thing of another table with the name of one of their indexes or keys. Of Meilisearch: only these indexes, for example `products, articles-*`, without API keys. Without it everything is restored.',
  confirm:
    'For `restore`: the name of the database in `target-database-url`, or the host in `target-meili-host`, so that nobody restores into another one by mistake. For `prune`: names, separated by commas or line breaks, of whose backups this run of `prune` may remove more than `max-delete` of `guards` allows, for example `shop`.',
  'dry-run':
    '`true`: `prune`, `lifecycle` and `replicate` only tell what they would do. Without it: `false`.',
  bucket:
    'Name of the bucket, for example `shop-backups`, or a directory as `file:///srv/backups` (an absolute path on the runner, for self-hosted runners with a disk that outlives them). Falls back to `BACKUP_BUCKET`.',
  prefix:
    "Folder in the bucket under which all backups stand, for example `db/shop/`; `/` is the bucket's root. Falls back to `BACKUP_PREFIX`, then to `db/`; for the other sources to `MEILI_BACKUP_PREFIX` (`meili/`) and `ASSETS_BACKUP_PREFIX` (`assets/`). A `drill` finds the backups of search by that variable.",
  region:
    'Region of the bucket, for example `eu-central-1`. Falls back to `BACKUP_REGION`, then to `auto`, which is right for R2 and most other stores; a bucket on AWS needs its real region.',
  endpoint:
    'Address of the S3 service, for example `https://s3.example.com`. Plain `http://` is taken for this machine and private networks only. Falls back to `R2_ENDPOINT`. With neither this nor `r2-account-id`, the bucket is on AWS. Where both are given they have to agree; one that comes from the environment yields to one in the step.',
  'r2-account-id':
    'Cloudflare account that the R2 bucket is in: 32 hexadecimal digits, and `.eu`, `.fedramp` or `.us` behind them for a bucket in a jurisdiction, for example `0123456789abcdef0123456789abcdef.eu`. Falls back to `R2_ACCOUNT_ID`.',
  'access-key-id':
    'Access key of the store. Falls back to `R2_ACCESS_KEY_ID`. Required for every store but AWS; there, without keys and `role-to-assume`, the AWS SDK looks for credentials itself.',
  'secret-access-key':
    'Secret key of the store, from a secret. Falls back to `R2_SECRET_ACCESS_KEY`. Required wherever `access-key-id` is given.',
  'role-to-assume':
    "ARN of an AWS role, for example `arn:aws:iam::123456789012:role/backup`, which the job's OIDC token is exchanged for, again and again while the upload runs; the job needs `permissions: id-token: write`. Instead of keys, on AWS only.",
  replica:
    'Second store for copies of the backups, of another account or provider, as one URL: `s3://shop-copy/db?region=eu-central-1` on AWS, `s3://shop-copy/db?endpoint=https://s3.example.com` elsewhere, `r2://0123456789abcdef0123456789abcdef/shop-copy/db` (the account id, `.eu`, `.fedramp` or `.us` behind it for a jurisdiction), or `file:///mnt/copy?prefix=db`. Without a prefix in it: the same as `prefix`. Its keys are `REPLICA_ACCESS_KEY_ID` and `REPLICA_SECRET_ACCESS_KEY` in the environment of the step, never those of the first store. `check` looks whether it has what it should, where it is given one.',
  'age-recipients':
    'Public age keys that can decrypt the backup, separated by white space or commas: `age1…` or, post-quantum, `age1pq1…`, not mixed. `none` alone means: not encrypted. Make a key with `age-keygen -o key.txt`. Falls back to `AGE_RECIPIENT`; required. For `check`: to whom the newest backup should be encrypted, where you want that looked at; `none`: to nobody, on purpose.',
  'age-identities':
    'Secret age keys that open the backup, one or several, with or without the comments of `key.txt`, from a secret: `AGE-SECRET-KEY-1…`. Falls back to `AGE_IDENTITY`. Not needed for backups that are not encrypted. Without it `restore-verify` proves what can be seen from outside, and says so.',
  'database-url':
    'URL of the database, for example `postgresql://backup:password@db.example.com:5432/shop?sslmode=verify-full`, from a secret; the server itself, or a pooler in session mode. Falls back to `DATABASE_URL`; required.',
  databases:
    'Several databases of the server, each its own backup: names separated by commas or line breaks, for example `shop, crm`, or `*` for all that the role can connect to. Without it: the one in `database-url`.',
  'target-database-url':
    'URL of the database that `restore` writes into, from a secret: an empty one, or with `clean` one that is in use. For `restore-verify`: a server with a superuser, in which a database of its own is made and dropped, for example a service container with extensions; without it a throwaway server is started on the runner. Nothing stands in for it: what is written to is always said in the step.',
  'pg-bin-dir':
    "Absolute path of the folder that holds `pg_dump`, for example `/usr/lib/postgresql/17/bin`. Without it: a client of the server's own major version is looked for on the machine, and installed if there is none.",
  clean:
    '`true`: the database in `target-database-url` is in use. The backup is restored into a new database beside it, checked, and put in its place; the old one keeps its rows under a dated name until somebody drops it. Without it: `false`.',
  compression:
    '`xz:0` to `xz:9`, with an `e` behind for extreme (`xz:9e`), `zstd:1` to `zstd:19`, or `none`. Without it: `xz:6`. `zstd:3` is many times faster, and its backups somewhat larger.',
  fingerprint:
    'What is recorded of the contents so that a restore can be proved: `digest` (rows and a digest of each table), `counts` (rows only) or `none`. Without it: `digest`.',
  'max-shrink':
    'How much a table, or all of them, may have lost since the backup before: beyond `warn` the step warns, beyond `fail` it fails. Percentages, for example `warn=30% fail=90%`. Without it: `warn=50%`; `warn=100%` only warns of tables that have vanished.',
  limits:
    "Limits as `key=value`, each replacing its default: `stall`, the longest time without a byte; `snapshot`, the longest time that the snapshot may be held open (or that Meilisearch may take for a dump of its own); `lock`, the longest wait for a table's lock; `yield`, how long somebody may wait for the backup's locks before it lets go of them and starts over; `retries`, how often a failed request is sent again, and an index of Meilisearch read again that changed; `part`, the size of an upload's parts (5MiB to 1GiB), chosen from the database's size where not given; `memory`, the most that a verification puts into memory rather than onto the disk (`0B`: nothing). For example `stall=20m part=64MiB`. Without it: `stall=10m snapshot=6h retries=11`; for `reindex`, where `stall` is the longest time that a task of the search server shows no progress, `stall=30m`; `memory` a third of what is available.",
  expectations:
    'Path of a YAML file with what is known of the data: `tables`, `queries` (with `min`, `max`, `equals`), `freshness`, `references`; for example `.github/expectations.yml`. Tried in the restored copy; its `http` entries at the end of a `drill`.',
  extras:
    'What a verification does on top: `negative-control` damages a copy and requires that it is noticed; `amcheck` checks every index. Separated by commas, for example `negative-control, amcheck`. A `drill` always has the control.',
  isolation:
    "As whom the throwaway server may run. `own-user`: a user that nothing else on the machine has (by root, or `sudo` without a password), or a user namespace; where neither can be had the step refuses. `shared-user`: then the step's own user, too, where you trust whoever may write the database: what a dump makes the server do could read the step's secrets. Without it: `own-user`.",
  'retention-days':
    'Backups younger than so many days stay. Falls back to `BACKUP_RETENTION_DAYS` (for the other sources to `MEILI_BACKUP_RETENTION_DAYS` and `ASSETS_BACKUP_RETENTION_DAYS`), then, but only where no `keep` is given, to `30` (meilisearch: `7`). For `replicate`: see `keep`.',
  keep:
    'How many backups stay, as `restic forget` counts: `last`, `hourly`, `daily`, `weekly`, `monthly`, `yearly`, for example `last=7 daily=30 monthly=12`. Hours to years are UTC, weeks ISO. A backup stays if any rule keeps it; one that failed its verification fills no place. For `replicate`, where it or `retention-days` is given in the step: what `prune` keeps in the replica; what it would not keep there is not copied. `audit` says for how many days records of the audit trail stay, for example `audit=400d`, which holds without it.',
  'min-keep':
    'The least number of backups of each name that stay, whatever the rules say. Once anything was verified only verified ones count, and where there are fewer nothing is removed; before that at least 7 stay. Without it: `3`.',
  guards:
    'When nothing of a name is removed and the step is red: `max-delete`, more than so much of its backups would go (see `confirm`); `max-age`, its newest good backup is older. For example `max-age=10d`. Without it: `max-delete=50% max-age=3d`.',
  'expire-days':
    'For `lifecycle`: lets the store itself remove what is under the prefix after so many days, at least 15 more than the policy keeps. A second net: a store knows nothing of proofs and goes on when backups have stopped. Without it the store removes no backups. For `check`: what the rule should still say.',
  'delete-versions':
    '`true`: on a bucket that keeps versions `prune` removes them too; a delete alone leaves them, and they cost. Without it: `false`.',
  targets:
    'What a backup has to fulfil: `recipients=2` fails the step, before anything is touched, where `age-recipients` names fewer than two. A verification fails where the backup has fewer, and where `rto=2h` is given and it takes longer to bring the database back. Without it: nothing is asked for. `reindex` warns where it took longer than `rto=30m`, and fails (with search in place) where `rto` is given. For `check`, for example `rpo=26h rto=2h verified=8d recipients=2`: how old the newest backup may be, how long a restore may take, and, only where said, how old the last proof may be and how many recipients there must be; `gap`, the longest time between two backups of the last 30 days, and `replica`, how far the second store may be behind, are as `rpo` where not said. `check` without it: `rpo=26h rto=2h`. A `drill` without it: `rto=2h search=30m total=4h`, for the recovery of each database, of search, and for everything with its proof.',
  report:
    'Path of a file that `list` writes what it found into, as JSON, for example `backups.json`: an array with an object for each backup, as in the output `backups`. For `check`: a page (`backups.html`), the same as data (`backups.json`), or both, separated by a comma or a line break. For `drill`: its evidence likewise (`drill.html`, to be signed). Without it none is written.',
  'github-token':
    'Token with which a failed `drill` opens an issue, or comments on the one that is open: `github.token` as an expression, in a job with `permissions: issues: write`. Without it none is opened.',
  'heartbeat-url':
    'Address of a check at healthchecks.io or one of its kin, from a secret. It is told when a run begins (`/start` behind the path), succeeds (the address itself) or fails (`/fail`), and raises the alarm when runs stop coming. Only https. It cannot fail the step.',
  'notify-webhook':
    'Address of a webhook, from a secret: an incoming webhook of Slack or Discord, a workflow of Teams, or any other address, which is sent JSON. People are told of runs that failed, were cancelled or warned, and of the success of `restore`, `reindex`, `drill` and `doctor`; programs of every run. Only https. It cannot fail the step.',
  'meili-host':
    'Address of the Meilisearch server that is backed up, for example `https://search.example.com`. Falls back to `MEILI_HOST`. Required for `backup` and `doctor` with `source: meilisearch`; `doctor` looks at it whatever the source.',
  'meili-api-key':
    'Key for `meili-host`, from a secret: one with the actions `*.get`, `version` and `keys.get` for all indexes is enough; with `meili-dump-dir` one with `version`, `tasks.get`, `tasks.cancel` and `dumps.create`. Falls back to `MEILI_API_KEY`.',
  'meili-dump-dir':
    'Folder that the server writes its dumps to (`--dump-dir`), as this machine sees it, for example `/srv/meilisearch/dumps`: a shared volume, or a runner on the same machine. The server then makes the dump, which is a snapshot; the file is removed there once it is stored. Without it the dump is built from the HTTP API.',
  'allow-inconsistent':
    '`true`: an index that changed in every attempt to read it (`retries` of `limits`) is stored as it was read, and the manifest says so. Without it: `false`; then the step fails.',
  'target-meili-host':
    'Address of the Meilisearch server that is written to, for example `https://search.example.com`. Always said in the step: no variable stands in for it. For `restore-verify` and `drill` an empty one, such as a service container: it is imported into, compared, and emptied again; without it the import is NOT MEASURED.',
  'target-meili-api-key':
    'Key for `target-meili-host`, from a secret: the master key, or one for all indexes with the actions `version`, `tasks.get`, `tasks.cancel`, `indexes.*`, `settings.get`, `settings.update`, `documents.get`, `documents.add`, `stats.get` and `search` (docs/meilisearch.md says which of them each command needs).',
  'meili-embedder-keys':
    'Keys of embedders, a line each as `index.embedder=key`, for example `products.default=sk-…`, from a secret (for `restore` also `products.default=waived`, to go without): Meilisearch shows them to nobody, so settings that were read from it have none that would work.',
  reindex:
    'Path of the YAML file that declares which indexes `reindex` builds, each from a query, for example `.github/search.yml`. See docs/reindex.md. For `drill`: they are built from the restored database, on `target-meili-host`.',
}
