export const id = 849;
export const ids = [849];
export const modules = {

/***/ 6849:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  S3ObjectStore: () => (/* binding */ S3ObjectStore)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-s3/dist-cjs/index.js
var dist_cjs = __webpack_require__(6092);
// EXTERNAL MODULE: ./lib/src/errors.js
var errors = __webpack_require__(5071);
;// CONCATENATED MODULE: ./lib/src/storage/s3/failure.js

/**
 * Says what a failed request means. `doing` continues the place: `cannot write db/app/x`. The store's own words
 * are the cause, shown below; they hold no secret (request ids, keys, the access key's id at most).
 */
function storeFailure(error, place, doing) {
    const known = lifeboatErrorIn(error);
    if (known)
        return known;
    const facts = failureFacts(error);
    const says = (code, why, hint) => new errors/* LifeboatError */.H(code, `${place.description}: ${doing}: ${why}`, { hint, cause: error });
    if (facts.name === 'NoSuchBucket' ||
        (facts.status === 404 && facts.name === 'NotFound' && doing === LISTING)) {
        return says('store-access', `there is no bucket ${place.bucket}.`, 'Check the name of the bucket, and that endpoint or account id and region are those it lives in.');
    }
    if (facts.name === 'RequestTimeTooSkewed') {
        return says('store', "this machine's clock differs from the store's.", 'Set the clock of this machine (NTP).');
    }
    if (isFull(facts)) {
        return says('store', 'the store has no space left.', 'Free or buy space, or raise the quota; then run this again.');
    }
    if (facts.name === 'SignatureDoesNotMatch' || facts.name === 'InvalidAccessKeyId') {
        return says('store-access', 'the store does not know these keys.', 'Check access-key-id and secret-access-key: copied in full, of this account, neither revoked nor expired.');
    }
    if (/Expired/.test(facts.name)) {
        return says('store-access', 'the credentials have expired.', 'Use credentials that outlive the run, or role-to-assume.');
    }
    if (facts.status === 401 || facts.status === 403) {
        return says('store-access', `the store refuses it (${facts.name}).`, 'Check that these keys may read, write and list this bucket, and that no policy or bucket lock forbids it.');
    }
    if (/Credential/.test(facts.name)) {
        return says('store-access', 'there are no credentials.', 'Give keys for the store, or role-to-assume.');
    }
    if (facts.status === 301 ||
        facts.name === 'PermanentRedirect' ||
        facts.name === 'AuthorizationHeaderMalformed') {
        return says('store-access', 'the bucket lives in another region.', 'Set region to where the bucket was made.');
    }
    if (facts.name === 'NoSuchKey' || facts.name === 'NotFound') {
        return says('store-missing', 'there is no such object.', 'List what the store holds; it may have been removed.');
    }
    if (facts.status !== undefined) {
        return says('store', `the store answered ${facts.status} ${facts.name}, after retries.`, facts.status >= 500 || facts.status === 429
            ? 'The trouble is on its side: look at its status page, and run this again.'
            : 'The store does not do what was asked of it; its answer is below.');
    }
    return says('store', unreachable(facts, place), `Check the endpoint, this machine's network and its proxy.`);
}
/** `doing` of a request where "not found" can only mean the bucket. */
const LISTING = 'cannot list';
/** The store says that an object stands where we wanted to write. */
function isConflict(error) {
    const { name, status } = failureFacts(error);
    return status === 412 || name === 'PreconditionFailed';
}
/** There is no such object, version or upload, in the store's own words (`NotFound` is the SDK's, of a HEAD). */
function isNotFound(error) {
    const { name, status } = failureFacts(error);
    return status === 404 && /^(NoSuch(Key|Version|Upload)|NotFound)$/.test(name);
}
/** The store does not know such a request. */
function isUnsupported(error) {
    const { name, status } = failureFacts(error);
    return status === 501 || status === 405 || name === 'NotImplemented' || name === 'MethodNotAllowed';
}
function unreachable(facts, place) {
    const host = place.endpoint ?? "AWS's endpoint";
    if (facts.code === 'ENOTFOUND' || facts.code === 'EAI_AGAIN')
        return `${host} has no address (${facts.code}).`;
    if (facts.name === 'TimeoutError')
        return `${host} stopped answering.`;
    return `${host} cannot be reached, or breaks the connection (${facts.code || facts.name}).`;
}
function isFull({ name, status }) {
    return status === 507 || /Quota|InsufficientStorage|XMinioStorageFull|NoSpace/.test(name);
}
/** An error of ours that went through the SDK, which may have wrapped it. */
function lifeboatErrorIn(error) {
    for (let at = error, depth = 0; depth < 5 && typeof at === 'object' && at !== null; depth++) {
        if (at instanceof errors/* LifeboatError */.H)
            return at;
        at = 'cause' in at ? at.cause : undefined;
    }
    return undefined;
}
/** What an error of the SDK says, whatever it is. */
function failureFacts(error) {
    if (typeof error !== 'object' || error === null) {
        return { name: String(error), code: '', status: undefined, message: '' };
    }
    const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    const metadata = '$metadata' in error ? error.$metadata : undefined;
    const status = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
        ? metadata.httpStatusCode
        : undefined;
    const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
    return { name, code, status: typeof status === 'number' ? status : undefined, message };
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/pages.js

/**
 * Watches where each page of a listing says that it goes on; gives it back. Throws where a place comes a second time:
 * such a listing never ends.
 */
function pageWatch(place) {
    const seen = new Set();
    return (next) => {
        if (seen.has(next)) {
            throw new errors/* LifeboatError */.H('store', `${place.description}: a listing never ends: it goes on where it was.`, {
                hint: 'The store names the same continuation twice. A proxy that keeps old answers does that, or the store itself: ask whoever runs it.',
            });
        }
        seen.add(next);
        return next;
    };
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/activity.js



/** When the newest part of an upload was stored, or the upload begun; undefined when it is gone. */
async function uploadActivity(bucket, upload) {
    let newest = upload.initiated;
    const moved = pageWatch(bucket.place);
    let marker;
    try {
        do {
            const page = await bucket.client.send(new dist_cjs.ListPartsCommand({
                Bucket: bucket.name,
                Key: upload.key,
                UploadId: upload.uploadId,
                ...(marker === undefined ? {} : { PartNumberMarker: marker }),
            }));
            for (const { LastModified } of page.Parts ?? [])
                if (LastModified && LastModified > newest)
                    newest = LastModified;
            marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
            if (marker !== undefined)
                moved(marker);
        } while (marker !== undefined);
        return newest;
    }
    catch (error) {
        if (isNotFound(error))
            return undefined;
        throw storeFailure(error, bucket.place, `cannot look at the upload of ${upload.key}`);
    }
}

// EXTERNAL MODULE: ./lib/src/pipeline/read-whole.js
var read_whole = __webpack_require__(2844);
// EXTERNAL MODULE: ./lib/src/storage/wrong-answer.js
var wrong_answer = __webpack_require__(64);
;// CONCATENATED MODULE: ./lib/src/storage/s3/answer.js


/** The root of each answer in XML. */
const ROOTS = {
    ListObjectsV2: 'ListBucketResult',
    ListObjectVersions: 'ListVersionsResult',
    ListMultipartUploads: 'ListMultipartUploadsResult',
    ListParts: 'ListPartsResult',
    CreateMultipartUpload: 'InitiateMultipartUploadResult',
    CompleteMultipartUpload: 'CompleteMultipartUploadResult',
    DeleteObjects: 'DeleteResult',
    GetBucketVersioning: 'VersioningConfiguration',
    GetBucketLifecycleConfiguration: 'LifecycleConfiguration',
    GetObjectLockConfiguration: 'ObjectLockConfiguration',
};
/** These may be empty: some stores say so that they have no such thing. */
const MAY_BE_EMPTY = ['GetBucketVersioning'];
/** These may fail in an answer that began as a success. The SDK knows of them. */
const MAY_FAIL_LATE = ['CompleteMultipartUpload', 'DeleteObjects'];
/** A thousand keys of the longest kind, each character written as three, take 4 MiB. */
const MOST_XML = 32 * 2 ** 20;
const MOST_OF_ERROR = 256 * 1024;
/** Of what came instead, in a message. */
const SHOWN = 100;
/**
 * Takes no answer for its status: each has the shape of what was asked for, or is thrown as a `WrongAnswer`, and what of
 * it has to be held in memory has a bound. Login pages answer 200 and proxies 404, and neither speaks for the store.
 */
function expectAnswers(client, description) {
    client.middlewareStack.add((next, context) => async (args) => {
        const result = await next(args);
        const command = (context.commandName ?? '').replace(/Command$/, '');
        if (isAnswer(result.response))
            await look(result.response, { command, description });
        return result;
    }, 
    // Next to the wire, before the SDK makes sense of it.
    { step: 'deserialize', priority: 'low', name: 'lifeboatExpectAnswers' });
}
async function look(answer, asked) {
    const { statusCode: status, headers } = answer;
    if (status >= 300)
        await lookAtFailure(answer, asked);
    else if (isPage(headers))
        throw wrong(answer, asked, await beginning(answer));
    else if (asked.command in ROOTS)
        await lookAtXml(answer, asked);
    else if (/^(Get|Head)Object$/.test(asked.command)) {
        if (headers.etag === undefined && headers['last-modified'] === undefined)
            throw wrong(answer, asked, await beginning(answer));
    }
    else if (/^(PutObject|UploadPart)$/.test(asked.command) && (headers.etag ?? '') === '') {
        throw withoutEtag(asked);
    }
}
async function lookAtXml(answer, asked) {
    const { command } = asked;
    const text = await held(answer, MOST_XML, asked);
    if (text.trim() === '' && MAY_BE_EMPTY.includes(command))
        return;
    const root = rootOf(text);
    if (root === 'Error' && MAY_FAIL_LATE.includes(command))
        return;
    if (root !== ROOTS[command])
        throw wrong(answer, asked, text);
}
/** What a server says of itself (5xx, 429) may come from whoever; what is said of an object must be the store's. */
async function lookAtFailure(answer, asked) {
    const { statusCode: status, headers } = answer;
    const ofServer = status >= 500 || status === 429 || status === 408;
    if (asked.command === 'HeadObject') {
        // It has no body. That there is nothing is asked for in another way: see head.ts.
        if (isPage(headers) && !ofServer && status !== 404)
            throw wrong(answer, asked, '');
        return;
    }
    const text = await held(answer, MOST_OF_ERROR, asked);
    if (ofServer)
        return;
    if (isPage(headers) || /^\s*<(!doctype|html)/i.test(text) || (status === 404 && rootOf(text) !== 'Error'))
        throw wrong(answer, asked, text);
}
/** Reads the body and puts it back. */
async function held(answer, most, { command, description }) {
    const { body } = answer;
    if (body === undefined)
        return '';
    const what = `${description}: the answer to ${command}`;
    const bytes = body instanceof Uint8Array ? Buffer.from(body) : await (0,read_whole/* readWhole */.o)(body, { what, most });
    answer.body = bytes;
    return bytes.toString('utf8');
}
/** Enough of a body for a message; the rest is not read. */
async function beginning({ body }) {
    if (body === undefined)
        return '';
    if (body instanceof Uint8Array)
        return Buffer.from(body).toString('utf8');
    let text = '';
    for await (const chunk of body) {
        text += chunk.toString('utf8');
        if (text.length >= 4096)
            break;
    }
    return text;
}
/** The name of the root of a whole document; undefined where there is none, or its end is missing. */
function rootOf(text) {
    const name = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*<([A-Za-z]+)[\s/>]/.exec(text)?.[1];
    if (name === undefined)
        return undefined;
    const whole = text.trimEnd().endsWith(`</${name}>`) || new RegExp(`<${name}[^<>]*/>\\s*$`).test(text.slice(-4096));
    return whole ? name : undefined;
}
function isPage(headers) {
    return /^(text|application)\/(x?html)/i.test(headers['content-type'] ?? '');
}
function wrong({ statusCode, headers }, { command, description }, text) {
    const type = headers['content-type'] ?? 'no content type';
    const said = text
        .replace(/<(script|style)[^]*?<\/\1>|<[^>]*>/gi, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, SHOWN);
    return new wrong_answer/* WrongAnswer */.k('store', `${description}: what answered ${command} is no S3 store: status ${statusCode}, ${type}` +
        (said === '' ? '.' : `: "${said}".`));
}
function withoutEtag({ command, description }) {
    return new wrong_answer/* WrongAnswer */.k('store', `${description}: the store acknowledged ${command} without an ETag.`, {
        hint: 'Every S3 store gives one, and an upload cannot be completed without. It is the fault of the store, or of a ' +
            'proxy in front of it that takes the header away: ask whoever runs it.',
    });
}
function isAnswer(response) {
    return (typeof response === 'object' && response !== null && 'statusCode' in response && 'headers' in response);
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/clock.js
/** Reads the `Date` of every answer that the client gets, so that asking for the time costs no request. */
function watchClock(client, now = Date.now) {
    let skew;
    client.middlewareStack.add((next) => async (args) => {
        const sent = now();
        const result = await next(args);
        const told = Date.parse(dateOf(result.response) ?? '');
        // The header has whole seconds: half of one is what it leaves out on average.
        if (!Number.isNaN(told))
            skew = told + 500 - (sent + now()) / 2;
        return result;
    }, 
    // Next to the wire, where answers that are errors are seen too.
    { step: 'deserialize', priority: 'low', name: 'lifeboatClock' });
    return { skewMs: () => skew };
}
function dateOf(response) {
    if (typeof response !== 'object' || response === null || !('headers' in response))
        return undefined;
    const { headers } = response;
    if (typeof headers !== 'object' || headers === null || !('date' in headers))
        return undefined;
    return typeof headers.date === 'string' ? headers.date : undefined;
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/content-md5.js


/**
 * DeleteObjects and PutBucketLifecycleConfiguration need a checksum of their body. The SDK sends a CRC32, in which some
 * stores see a request that they don't implement; all of them know the Content-MD5 that was required before.
 *
 * A bucket whose objects are locked by default (Object Lock) wants one with every write, and refuses with
 * `InvalidRequest` without: then it is sent again with one, and with all writes that know `bucket` from there on.
 * Elsewhere writes go without, for it costs processor time and the payload's SHA-256 is signed anyway.
 */
function sendContentMd5(client, bucket) {
    client.middlewareStack.add((next, context) => async (args) => {
        const { request } = args;
        const command = context.commandName ?? '';
        if (!isRequestWithBytes(request))
            return next(args);
        const writes = WRITES.test(command);
        if (NEEDS_CHECKSUM.test(command) || (writes && bucket.wantsContentMd5))
            addContentMd5(request);
        if (!writes || bucket.wantsContentMd5)
            return next(args);
        try {
            return await next(args);
        }
        catch (error) {
            if (failureFacts(error).name !== 'InvalidRequest')
                throw error;
            addContentMd5(request);
            const result = await next(args);
            bucket.wantsContentMd5 = true;
            return result;
        }
    }, 
    // Behind the SDK's own checksum, which is added in the same step; before the signature.
    { step: 'build', priority: 'low', name: 'lifeboatContentMd5' });
}
const NEEDS_CHECKSUM = /^(DeleteObjects|PutBucketLifecycleConfiguration)Command$/;
const WRITES = /^(PutObject|UploadPart)Command$/;
function addContentMd5({ headers, body }) {
    for (const header of Object.keys(headers)) {
        if (/^x-amz-(sdk-)?checksum-/i.test(header))
            Reflect.deleteProperty(headers, header);
    }
    headers['content-md5'] = (0,external_node_crypto_.createHash)('md5').update(body).digest('base64');
}
function isRequestWithBytes(request) {
    if (typeof request !== 'object' || request === null || !('body' in request) || !('headers' in request))
        return false;
    return typeof request.body === 'string' || request.body instanceof Uint8Array;
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: ./node_modules/@smithy/node-http-handler/dist-cjs/index.js
var node_http_handler_dist_cjs = __webpack_require__(1279);
;// CONCATENATED MODULE: ./lib/src/storage/s3/request-handler.js


const CONNECT_MS = 20_000;
/** What is handed to a connection at a time. */
const SLICE = 256 * 1024;
/** Owns the connections; `destroy` gives them up. `idleMs` bounds the time in which nothing moves on one. */
function connections(idleMs, { keepAlive = true } = {}) {
    const agents = keepAlive ? {} : { httpAgent: { keepAlive }, httpsAgent: { keepAlive } };
    return new node_http_handler_dist_cjs.NodeHttpHandler({ connectionTimeout: CONNECT_MS, socketTimeout: idleMs, ...agents });
}
/**
 * Sends requests over `shared` connections such that each one ends with a signal (lib-storage passes none on), and
 * that a body goes out in slices: written in one piece, TLS copies it twice before the first byte leaves.
 */
function watchedHandler(shared, watch) {
    return {
        metadata: shared.metadata,
        async handle(request, options = {}) {
            const body = request.body;
            try {
                const signal = watch.signalOf(request.method);
                const answer = await shared.handle(sliced(request), { ...options, abortSignal: signal });
                // Beyond its first line an answer is nobody's but its reader's.
                const bytes = answer.response.body;
                if (bytes instanceof external_node_stream_.Readable)
                    (0,external_node_stream_.addAbortSignal)(signal, bytes);
                if (Buffer.isBuffer(body) && answer.response.statusCode >= 300)
                    watch.onUnclean(body);
                return answer;
            }
            catch (error) {
                if (Buffer.isBuffer(body))
                    watch.onUnclean(body);
                throw error;
            }
        },
        updateHttpClientConfig: () => undefined,
        httpHandlerConfigs: () => shared.httpHandlerConfigs(),
        // The connections are shared: whoever made them gives them up.
        destroy: () => undefined,
    };
}
/** The request is signed already, and its length stands in its headers. */
function sliced(request) {
    const body = request.body;
    if (!Buffer.isBuffer(body) || body.length <= SLICE)
        return request;
    // As the SDK's own copy would, this shares all the rest; the original keeps its body, for a retry.
    const value = external_node_stream_.Readable.from(slices(body), { objectMode: true, highWaterMark: 1 });
    return Object.create(request, { body: { value } });
}
function* slices(body) {
    for (let start = 0; start < body.length; start += SLICE)
        yield body.subarray(start, start + SLICE);
}

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
;// CONCATENATED MODULE: ./lib/src/storage/s3/retry.js


const DEFAULT_RETRIES = 11;
/** A connection that stood still for minutes is tried again, but not for the rest of the day. */
const RETRIES_AFTER_SILENCE = 2;
/** What is no store's answer may be a proxy's hiccup; a login page stays. */
const RETRIES_AFTER_WRONG_ANSWER = 2;
/** A host that never answered is more likely misspelt than busy. */
const RETRIES_UNTIL_FIRST_ANSWER = 3;
/** What a store answers to a signature of another time. */
const WRONG_TIME = [400, 401, 403];
const BASE_MS = 500;
const LONGEST_MS = 8_000;
const LONGEST_HINT_MS = 30_000;
/**
 * Exponential backoff, half of each delay random: 0.25\u20130.5 s, 0.5\u20131 s, \u2026 4\u20138 s; eleven of them take 32 to 64
 * seconds. Unlike the SDK's own strategy it has no budget that many uploads of parts use up together, and it ends
 * with its signal.
 */
function retryStrategy(rules) {
    let answered = false;
    return {
        acquireInitialRetryToken: () => Promise.resolve(token(0)),
        async refreshRetryTokenForRetry(last, info) {
            rules.signal?.throwIfAborted();
            const done = last.getRetryCount();
            answered ||= statusOf(info.error) !== undefined;
            if (!isWorthRetrying(info, done) || done >= allowed(info, rules.retries, answered)) {
                throw new Error('not to be tried again');
            }
            await (0,promises_.setTimeout)(delay(done, info, rules.random()), undefined, rules.signal ? { signal: rules.signal } : {});
            return token(done + 1);
        },
        recordSuccess() {
            answered = true;
        },
    };
}
/** Milliseconds before the try that follows the `done`-th. */
function backoff(done, random) {
    return Math.min(LONGEST_MS, BASE_MS * 2 ** done) * (0.5 + random / 2);
}
function token(count) {
    return { getRetryCount: () => count, getRetryDelay: () => 0, getRetryCost: () => undefined };
}
function delay(done, info, random) {
    const hint = info.retryAfterHint === undefined ? 0 : info.retryAfterHint.getTime() - Date.now();
    return Math.max(backoff(done, random), Math.min(hint, LONGEST_HINT_MS));
}
function allowed(info, retries, answered) {
    if (info.error instanceof wrong_answer/* WrongAnswer */.k)
        return Math.min(retries, RETRIES_AFTER_WRONG_ANSWER);
    if (statusOf(info.error) !== undefined)
        return retries;
    if (info.error?.name === 'TimeoutError' && !isBrokenAnswer(info.error))
        return Math.min(retries, RETRIES_AFTER_SILENCE);
    return answered ? retries : Math.min(retries, RETRIES_UNTIL_FIRST_ANSWER);
}
/** Besides what the SDK counts as passing: answers of proxies, broken HTTP, and AWS's own "try again". */
function isWorthRetrying({ errorType, error }, done) {
    if (errorType === 'THROTTLING' || error instanceof wrong_answer/* WrongAnswer */.k)
        return true;
    if (errorType === 'TRANSIENT' && !isTakenForSkew(error, done))
        return true;
    const status = statusOf(error);
    // 501 and 505 will not change, and 507 says that the store is full.
    if (status !== undefined && status >= 500)
        return ![501, 505, 507].includes(status);
    if (error?.name === 'ConditionalRequestConflict' || error?.name === 'OperationAborted')
        return true;
    return isBrokenAnswer(error);
}
/**
 * While the clocks of store and machine differ by minutes, the SDK counts every refusal as passing, even that there is no
 * such object. A signature of another time is refused once: the next is of the store's.
 */
function isTakenForSkew(error, done) {
    const status = statusOf(error);
    if (error?.$metadata?.clockSkewCorrected !== true || status === undefined || status >= 500)
        return false;
    return error.name !== 'RequestTimeout' && !(WRONG_TIME.includes(status) && done === 0);
}
/** A connection that broke, as node and its HTTP parser name it. The SDK calls some of them timeouts. */
function isBrokenAnswer(error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    return /^(HPE_|ERR_STREAM_PREMATURE_CLOSE$|ECONNRESET$|EPIPE$|ETIMEDOUT$)/.test(code);
}
function statusOf(error) {
    return error?.$metadata?.httpStatusCode;
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/bucket.js






const IDLE_MS = 120_000;
/** One bucket: its clients, its limits, and how it is called in messages. Owns the connections. */
class Bucket {
    name;
    profile;
    place;
    journal;
    partBytes;
    retries;
    /** For everything but writing; its requests, pauses and bodies end with the run. */
    client;
    /** What ends them. */
    signal;
    /** What time the answers to it say. */
    clock;
    #connections;
    #idleMs;
    #fresh;
    #config;
    /** Learnt at the first write. */
    #habits = { wantsContentMd5: false };
    constructor(options, profile) {
        this.name = options.bucket;
        this.profile = profile;
        this.journal = options.journal;
        this.partBytes = options.partBytes;
        this.retries = options.retries ?? DEFAULT_RETRIES;
        this.place = {
            description: `${profile.title} bucket ${options.bucket}`.replace(/^S3 store (\S+) bucket (.*)$/, 'bucket $2 at $1'),
            bucket: options.bucket,
            endpoint: options.endpoint,
        };
        this.signal = options.signal;
        this.#idleMs = options.idleMs ?? IDLE_MS;
        this.#connections = connections(this.#idleMs);
        this.#config = clientConfig(options, profile);
        this.client = this.#ending(this.#connections, options.signal);
        this.clock = watchClock(this.client);
    }
    /** A client for one write, all of whose requests and retries end with `signal`. */
    writer(signal, watch) {
        return this.#client(watchedHandler(this.#connections, watch), signal);
    }
    /** A client for what goes on after a cancel, such as tidying up: all of it ends with `signal` alone. */
    until(signal) {
        return this.#ending(this.#connections, signal);
    }
    /** As `client`, with a new connection for each request: what a second reading asks. */
    get fresh() {
        if (this.#fresh === undefined) {
            const own = connections(this.#idleMs, { keepAlive: false });
            this.#fresh = { connections: own, client: this.#ending(own, this.signal) };
        }
        return this.#fresh.client;
    }
    [Symbol.dispose]() {
        this.client.destroy();
        this.#connections.destroy();
        this.#fresh?.client.destroy();
        this.#fresh?.connections.destroy();
    }
    #ending(over, signal) {
        if (signal === undefined)
            return this.#client(over, signal);
        return this.#client(watchedHandler(over, { signalOf: () => signal, onUnclean: () => undefined }), signal);
    }
    #client(requestHandler, signal) {
        const client = new dist_cjs.S3Client({
            ...this.#config,
            // Taken from the first client, where there is one: it has asked for them already and knows when they expire.
            credentials: this.client?.config.credentials ?? this.#config.credentials ?? never(),
            requestHandler,
            retryStrategy: retryStrategy({ retries: this.retries, signal, random: Math.random }),
        });
        sendContentMd5(client, this.#habits);
        expectAnswers(client, this.place.description);
        return client;
    }
}
function never() {
    throw new TypeError('a store needs credentials');
}
function clientConfig(options, profile) {
    return {
        region: options.region ?? profile.region,
        ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
        credentials: options.credentials,
        forcePathStyle: profile.pathStyle,
        followRegionRedirects: profile.kind === 'aws',
        // R2 has answered 501 to the CRC32 that the SDK adds by itself; the payload's SHA-256 is signed anyway.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        // A silent store would cost six seconds a part.
        expectContinueHeader: false,
        maxAttempts: (options.retries ?? DEFAULT_RETRIES) + 1,
    };
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/content-range.js
/** Reads `bytes 0-9/100`; undefined for everything else. */
function contentRange(header) {
    const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header ?? '');
    if (!match)
        return undefined;
    const [, start, last, total] = match;
    return {
        start: Number(start),
        end: Number(last) + 1,
        total: total === '*' ? undefined : Number(total),
    };
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/head.js




/** What the store says of an object, or undefined where it answers that there is none. Throws `LifeboatError`. */
async function glance(bucket, key, client = bucket.client) {
    try {
        const answer = await client.send(new dist_cjs.HeadObjectCommand({ Bucket: bucket.name, Key: key }));
        return found(answer.ContentLength ?? 0, answer);
    }
    catch (error) {
        if (isNotFound(error))
            return undefined;
        throw storeFailure(error, bucket.place, `cannot look at ${key}`);
    }
}
/**
 * As `glance`, but that there is none is the store's own word: an answer to HEAD has no body, so that a 404 may be
 * anybody's. Whether something stands there is asked once more, with an answer that the store has to write.
 */
async function lookAtObject(bucket, key) {
    const seen = await glance(bucket, key);
    if (seen)
        return seen;
    try {
        const command = new dist_cjs.GetObjectCommand({ Bucket: bucket.name, Key: key, Range: 'bytes=0-0' });
        const answer = await bucket.client.send(command);
        // One byte, which nobody needs.
        if (answer.Body instanceof external_node_stream_.Readable)
            answer.Body.destroy();
        const range = contentRange(answer.ContentRange);
        return found(range?.total ?? answer.ContentLength ?? 0, answer);
    }
    catch (error) {
        if (isNotFound(error))
            return undefined;
        throw storeFailure(error, bucket.place, `cannot look at ${key}`);
    }
}
function found(size, { LastModified, Metadata, }) {
    return { size, lastModified: LastModified, metadata: Metadata ?? {} };
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/lifecycle.js



/** See `LifecycleStore.lifecycle`. */
async function readLifecycle(bucket) {
    const { client, name, place, profile } = bucket;
    if (!profile.lifecycle)
        return undefined;
    try {
        const answer = await client.send(new dist_cjs.GetBucketLifecycleConfigurationCommand({ Bucket: name }));
        const minimumSize = answer.TransitionDefaultMinimumObjectSize;
        return (answer.Rules ?? []).map((rule) => understood({ rule, minimumSize }));
    }
    catch (error) {
        if (failureFacts(error).name === 'NoSuchLifecycleConfiguration')
            return [];
        if (isUnsupported(error))
            return undefined;
        throw (refused(error, bucket, 'cannot read the lifecycle rules') ??
            storeFailure(error, place, 'cannot read the lifecycle rules'));
    }
}
/** See `LifecycleStore.replaceLifecycle`. */
async function writeLifecycle(bucket, rules) {
    const minimumSize = rules.flatMap(({ original }) => originalOf(original)?.minimumSize ?? [])[0];
    const command = new dist_cjs.PutBucketLifecycleConfigurationCommand({
        Bucket: bucket.name,
        LifecycleConfiguration: { Rules: rules.map(written) },
        ...(minimumSize !== undefined && { TransitionDefaultMinimumObjectSize: minimumSize }),
    });
    try {
        await bucket.client.send(command);
    }
    catch (error) {
        throw (refused(error, bucket, 'cannot write the lifecycle rules') ??
            storeFailure(error, bucket.place, 'cannot write the lifecycle rules'));
    }
}
function understood(original) {
    const { ID, Status, Filter, Expiration, AbortIncompleteMultipartUpload: abort } = original.rule;
    const { And } = Filter ?? {};
    const filters = [Filter?.Tag, Filter?.ObjectSizeGreaterThan, Filter?.ObjectSizeLessThan];
    const all = [And?.Tags, And?.ObjectSizeGreaterThan, And?.ObjectSizeLessThan];
    return {
        id: ID ?? '',
        enabled: Status === 'Enabled',
        prefix: Filter?.Prefix ?? And?.Prefix ?? oldPrefix(original.rule),
        narrowed: [...filters, ...all].some((each) => each !== undefined),
        ...(Expiration?.Days !== undefined && { expireDays: Expiration.Days }),
        ...(Expiration?.Date !== undefined && { expireDate: Expiration.Date }),
        ...(abort?.DaysAfterInitiation !== undefined && { abortDays: abort.DaysAfterInitiation }),
        original,
    };
}
function written({ id, enabled, prefix, expireDays, abortDays, original }) {
    const known = originalOf(original);
    if (known)
        return known.rule;
    return {
        ID: id,
        Status: enabled ? 'Enabled' : 'Disabled',
        Filter: { Prefix: prefix },
        ...(expireDays !== undefined && { Expiration: { Days: expireDays } }),
        ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
    };
}
/** Before filters the prefix stood in the rule itself; such rules still come back so. */
function oldPrefix(rule) {
    const prefix = Reflect.get(rule, 'Prefix');
    return typeof prefix === 'string' ? prefix : '';
}
/** What `understood` put there, and nobody else touches. */
function originalOf(original) {
    return typeof original === 'object' && original !== null && 'rule' in original
        ? original
        : undefined;
}
function refused(error, { place, profile }, doing) {
    const { name, status } = failureFacts(error);
    if (status !== 403 || name !== 'AccessDenied')
        return undefined;
    return new errors/* LifeboatError */.H('store-access', `${place.description}: ${doing}: the store refuses it (${name}).`, {
        hint: profile.kind === 'r2'
            ? 'On R2 only a token with the permission "Admin Read & Write" may touch lifecycle rules. Use one for this step alone.'
            : 'These keys need s3:GetLifecycleConfiguration and s3:PutLifecycleConfiguration on the bucket.',
        cause: error,
    });
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/listing.js





/** Every object whose key begins with `prefix`, in the order of keys, as pages arrive. */
async function* listObjects(bucket, prefix) {
    const moved = pageWatch(bucket.place);
    let token;
    do {
        const page = await bucket.client
            .send(new dist_cjs.ListObjectsV2Command({
            Bucket: bucket.name,
            Prefix: prefix,
            // A key may hold what XML cannot.
            EncodingType: 'url',
            ...(token === undefined ? {} : { ContinuationToken: token }),
        }))
            .catch((error) => {
            throw storeFailure(error, bucket.place, LISTING);
        });
        assertOurs(bucket, prefix, page);
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
            if (Key === undefined)
                continue;
            const key = decoded(Key, page.EncodingType);
            if (!key.startsWith(prefix))
                throw ofSomethingElse(bucket, `the key ${key}`, prefix);
            yield { key, size: Size ?? 0, lastModified: LastModified ?? new Date(0) };
        }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
        if (token !== undefined)
            moved(token);
        // The end of a page is not the end: what retention does not see, it may take the last of.
        if (page.IsTruncated === true && token === undefined)
            throw brokenOff(bucket);
    } while (token !== undefined);
}
/** Where the store says of what a listing is, it is the one that was asked for. */
function assertOurs(bucket, prefix, page) {
    const { Name, Prefix, EncodingType } = page;
    // What is reached by an access point has another name.
    const alias = /^arn:|-s3alias$|--[a-z]+-s3$/.test(bucket.name);
    if (Name !== undefined && Name !== '' && Name !== bucket.name && !alias)
        throw ofSomethingElse(bucket, `the bucket ${Name}`, bucket.name);
    if (Prefix !== undefined && Prefix !== prefix && decoded(Prefix, EncodingType) !== prefix)
        throw ofSomethingElse(bucket, `the prefix ${Prefix}`, prefix);
}
function ofSomethingElse({ place }, found, asked) {
    return new wrong_answer/* WrongAnswer */.k('store', `${place.description}: a listing of ${found} came where ${asked} was asked for.`);
}
function brokenOff({ place }) {
    return new errors/* LifeboatError */.H('store', `${place.description}: a listing broke off in the middle.`, {
        hint: 'The store says that there is more, and not how to get it. Run this again, and ask whoever runs the store.',
    });
}
/** A key of a listing, where the store did encode it as it was asked to. */
function decoded(key, encoding) {
    return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/probe.js


/** See `ProbedStore.overwrite`. */
async function overwriteObject({ client, name, place }, key) {
    try {
        await client.send(new dist_cjs.PutObjectCommand({ Bucket: name, Key: key, Body: 'overwritten', IfNoneMatch: '*' }));
        return 'overwritten';
    }
    catch (error) {
        if (failureFacts(error).status === 412)
            return 'refused';
        if (isUnsupported(error))
            return 'unsupported';
        throw storeFailure(error, place, `cannot write ${key} on condition`);
    }
}
/** See `ProbedStore.objectLock`. */
async function bucketObjectLock({ client, name, place, profile }) {
    if (!profile.versioning)
        return { state: 'unsupported' };
    try {
        const { ObjectLockConfiguration: found } = await client.send(new dist_cjs.GetObjectLockConfigurationCommand({ Bucket: name }));
        if (found?.ObjectLockEnabled !== 'Enabled')
            return { state: 'off' };
        const { Mode, Days, Years } = found.Rule?.DefaultRetention ?? {};
        return { state: 'on', mode: Mode, days: Days ?? (Years === undefined ? undefined : Years * 365) };
    }
    catch (error) {
        const { name: code } = failureFacts(error);
        if (code === 'ObjectLockConfigurationNotFoundError' || code === 'InvalidRequest')
            return { state: 'off' };
        if (isUnsupported(error))
            return { state: 'unsupported' };
        if (code === 'AccessDenied')
            return { state: 'hidden' };
        throw storeFailure(error, place, 'cannot ask for its object lock');
    }
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/read.js








/**
 * The bytes of an object, or of a range of it. A connection that breaks is opened again where it broke, as long as
 * the object is the same one; fewer bytes than the store promised are never the end.
 *
 * What is asked for is always a range, and what comes says which: whatever else answers with bytes is not believed.
 */
async function* readObject(bucket, order) {
    const { key, range, fresh } = order;
    const client = fresh ? bucket.fresh : bucket.client;
    let at = range?.start ?? 0;
    let end = range?.end;
    if (end !== undefined && end <= at)
        return;
    let etag;
    // Tries that led nowhere, the request's own among them.
    for (let broken = 0;; broken++) {
        const before = at;
        let answer;
        try {
            const command = new dist_cjs.GetObjectCommand({
                Bucket: bucket.name,
                Key: key,
                Range: `bytes=${at}-${end === undefined ? '' : end - 1}`,
                ...(etag === undefined ? {} : { IfMatch: etag }),
            });
            answer = await client.send(command);
        }
        catch (error) {
            if (at === 0 && end === undefined && isEmpty(error))
                return;
            throw failed(bucket, key, error);
        }
        etag ??= answer.ETag;
        end = endOf(bucket, answer, { key, at, end });
        try {
            for await (const chunk of bodyOf(answer.Body)) {
                if (at + chunk.length > end)
                    throw tooMuch(bucket, key);
                at += chunk.length;
                yield chunk;
            }
            if (at === end)
                return;
        }
        catch (error) {
            bucket.signal?.throwIfAborted();
            if (error instanceof errors/* LifeboatError */.H)
                throw error;
            if (broken >= bucket.retries)
                throw storeFailure(error, bucket.place, `cannot read ${key}`);
        }
        broken = at > before ? 0 : broken + (answer.$metadata.attempts ?? 1) - 1;
        if (broken >= bucket.retries)
            throw cutOff(bucket, key, at);
        await (0,promises_.setTimeout)(backoff(broken, Math.random()), undefined, { signal: bucket.signal });
    }
}
function bodyOf(body) {
    if (body instanceof external_node_stream_.Readable)
        return body;
    throw new TypeError('the SDK gave no stream');
}
/** Where the bytes of an answer end. Throws where they are not those that were asked for. */
function endOf({ place }, answer, { key, at, end }) {
    const range = contentRange(answer.ContentRange);
    if (range) {
        const last = end === undefined ? range.total : Math.min(end, range.total ?? end);
        if (range.start === at && range.end > at && (last === undefined || range.end <= last))
            return range.end;
    }
    else if (at === 0 && end === undefined && answer.ContentLength !== undefined) {
        // All of it was asked for, and all of it came.
        return answer.ContentLength;
    }
    const found = answer.ContentRange ?? 'an answer that does not say which bytes it holds';
    const asked = `bytes ${at}-${end === undefined ? '' : end - 1}`;
    throw new wrong_answer/* WrongAnswer */.k('store', `${place.description}: ${asked} of ${key} were asked for, and ${found} came.`);
}
/** No byte of an object without bytes can be had. */
function isEmpty(error) {
    return failureFacts(error).name === 'InvalidRange';
}
function tooMuch({ place }, key) {
    return new wrong_answer/* WrongAnswer */.k('store', `${place.description}: more bytes of ${key} came than the answer promised.`);
}
function failed(bucket, key, error) {
    if (isConflict(error)) {
        return new errors/* LifeboatError */.H('store', `${bucket.place.description}: ${key} changed while it was read.`, {
            hint: 'Backups are never overwritten: find out what writes here, and do not trust this object.',
            cause: error,
        });
    }
    if (isNotFound(error)) {
        return new errors/* LifeboatError */.H('store-missing', `${bucket.place.description}: there is no ${key}.`, {
            hint: 'List what the store holds; it may have been removed.',
            cause: error,
        });
    }
    return storeFailure(error, bucket.place, `cannot read ${key}`);
}
function cutOff(bucket, key, at) {
    return new errors/* LifeboatError */.H('store', `${bucket.place.description}: ${key} always ends at byte ${at}, too early.`, {
        hint: 'The connection is cut again and again: look at the network, a proxy, or the store.',
    });
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/remove.js



/** The most that one DeleteObjects takes. */
const BATCH = 1_000;
const AT_A_TIME = 8;
/** Codes of a single key in the answer to a batch that a request of its own, with its retries, may mend. */
const PASSING = /^(InternalError|SlowDown|ServiceUnavailable|RequestTimeout|OperationAborted)$/;
/** Removes in batches, and one by one from the first batch on that the store refuses as such. See `PrunableStore`. */
function remover(bucket) {
    let batches = bucket.profile.batchDelete;
    return async (targets, signal) => {
        const client = bucket.writer(signal, { signalOf: () => signal, onUnclean: () => undefined });
        try {
            const removals = [];
            for (let at = 0; at < targets.length; at += BATCH) {
                const some = targets.slice(at, at + BATCH);
                const answered = batches && some.length > 1 ? await removeBatch(client, bucket, some) : 'refused';
                if (batches && some.length > 1 && answered === 'refused')
                    batches = false;
                removals.push(...(typeof answered === 'string' ? await oneByOne(client, bucket, some, signal) : answered));
            }
            return removals;
        }
        catch (error) {
            if (signal.aborted)
                throw cancelled(error);
            throw error;
        }
        finally {
            client.destroy();
        }
    };
}
/**
 * `refused`: the store does not take batches. `forbidden`: it does not say of which key, so each has to be asked for.
 */
async function removeBatch(client, bucket, targets) {
    const Objects = targets.map(({ key, versionId }) => ({
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
    }));
    const command = new dist_cjs.DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } });
    let errors;
    try {
        errors = (await client.send(command)).Errors ?? [];
    }
    catch (error) {
        const { name, status = 0 } = failureFacts(error);
        if (name === 'NoSuchBucket' || /Signature|InvalidAccessKeyId|Expired|TimeTooSkewed/.test(name)) {
            throw storeFailure(error, bucket.place, 'cannot remove');
        }
        if (status === 403)
            return 'forbidden';
        if ((status >= 400 && status < 500 && status !== 429 && status !== 408) || status === 501)
            return 'refused';
        throw storeFailure(error, bucket.place, 'cannot remove');
    }
    const said = new Map(errors.map(({ Key = '', VersionId = '', Code, Message }) => [`${VersionId} ${Key}`, { Code, Message }]));
    const removals = [];
    for (const target of targets) {
        const problem = said.get(`${target.versionId ?? ''} ${target.key}`);
        if (!problem || problem.Code === 'NoSuchKey' || problem.Code === 'NoSuchVersion') {
            removals.push({ key: target.key, outcome: 'removed' });
        }
        else if (PASSING.test(problem.Code ?? '')) {
            removals.push(await removeOne(client, bucket, target));
        }
        else {
            const refusal = { code: problem.Code ?? 'Error', message: problem.Message ?? '' };
            removals.push(await remove_refused(client, bucket, target, refusal));
        }
    }
    return removals;
}
async function oneByOne(client, bucket, targets, signal) {
    const removals = [];
    for (let at = 0; at < targets.length; at += AT_A_TIME) {
        signal.throwIfAborted();
        const some = targets.slice(at, at + AT_A_TIME);
        removals.push(...(await Promise.all(some.map((target) => removeOne(client, bucket, target)))));
    }
    return removals;
}
async function removeOne(client, bucket, target) {
    const { key, versionId } = target;
    const command = new dist_cjs.DeleteObjectCommand({
        Bucket: bucket.name,
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
    });
    try {
        await client.send(command);
        return { key, outcome: 'removed' };
    }
    catch (error) {
        if (isNotFound(error))
            return { key, outcome: 'removed' };
        const { name, status, message } = failureFacts(error);
        const ours = status === 403 && !/Signature|InvalidAccessKeyId|Expired|TimeTooSkewed/.test(name);
        if (ours || status === 409)
            return remove_refused(client, bucket, target, { code: name, message });
        if (status !== undefined && status >= 500) {
            return { key, outcome: 'failed', reason: `the store answered ${status} ${name}, after retries` };
        }
        throw storeFailure(error, bucket.place, `cannot remove ${key}`);
    }
}
/** AWS says no more than AccessDenied of an object lock, so the version is asked whether it has one. */
async function remove_refused(client, bucket, { key, versionId }, { code, message }) {
    const reason = message === '' ? code : `${code}: ${message}`;
    if (/^ObjectLocked|^InvalidObjectLock|ObjectLockedByBucketPolicy/.test(code) ||
        // A key may be called anything.
        /\b(object lock|worm)\b/i.test(message.replaceAll(key, ''))) {
        return { key, outcome: 'locked', reason };
    }
    if (code !== 'AccessDenied' || versionId === undefined)
        return { key, outcome: 'failed', reason };
    try {
        const found = await client.send(new dist_cjs.HeadObjectCommand({ Bucket: bucket.name, Key: key, VersionId: versionId }));
        const held = found.ObjectLockLegalHoldStatus === 'ON';
        const until = found.ObjectLockRetainUntilDate;
        if (held || until !== undefined) {
            return {
                key,
                outcome: 'locked',
                reason: held ? 'legal hold' : `object lock until ${until?.toISOString() ?? ''}`,
            };
        }
    }
    catch (error) {
        return {
            key,
            outcome: 'failed',
            reason: `${reason}; whether it is locked could not be seen: ${failureFacts(error).name}`,
        };
    }
    return { key, outcome: 'failed', reason };
}
function cancelled(cause) {
    return new errors/* LifeboatError */.H('cancelled', 'Removing was cancelled; what was removed until then is gone.', {
        cause,
    });
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/sweep.js






/** A part that was on its way when the upload was aborted may still land; so it is aborted until nothing is left. */
const ROUNDS = 6;
/** Removes an upload and its parts. One that is gone already is no error. Throws `store` when parts stay. */
async function removeUpload(bucket, upload, { client, signal } = bucket) {
    const request = { Bucket: bucket.name, Key: upload.key, UploadId: upload.uploadId };
    try {
        for (let round = 0; round < ROUNDS; round++) {
            await unlessGone(() => client.send(new dist_cjs.AbortMultipartUploadCommand(request)));
            const left = await unlessGone(() => client.send(new dist_cjs.ListPartsCommand(request)));
            if ((left?.Parts ?? []).length === 0)
                return;
            await (0,promises_.setTimeout)(backoff(round, 0), undefined, signal ? { signal } : {});
        }
    }
    catch (error) {
        throw storeFailure(error, bucket.place, `cannot abort the upload of ${upload.key}`);
    }
    throw new errors/* LifeboatError */.H('store', `${bucket.place.description}: parts of ${upload.key} stay after aborting.`, {
        hint: `They cost money. Abort the upload ${upload.uploadId} by hand, or let a lifecycle rule do it.`,
    });
}
/**
 * Every unfinished upload whose key begins with `prefix`. Keys are not asked for URL-encoded, unlike in listings of
 * objects: radosgw 16 then encodes them and does not say so, and ours are plain ASCII.
 */
async function* pendingUploads(bucket, prefix, { client } = bucket) {
    const moved = pageWatch(bucket.place);
    let from = {};
    while (from) {
        const page = await client
            .send(new dist_cjs.ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: prefix, ...from }))
            .catch((error) => {
            throw storeFailure(error, bucket.place, LISTING);
        });
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
            if (Key === undefined || UploadId === undefined)
                continue;
            yield { key: Key, uploadId: UploadId, initiated: Initiated ?? new Date(0) };
        }
        from = page.IsTruncated === true ? nextPage(page.NextKeyMarker, page.NextUploadIdMarker) : undefined;
        if (from)
            moved(JSON.stringify(from));
    }
}
/**
 * Removes uploads of exactly this key whose ids nobody knows, because the answer that held them was lost. Keys are
 * unique to their backup, and an upload that is not ours could only end in a conflict.
 */
async function removeStrays(bucket, key, ask) {
    for await (const upload of pendingUploads(bucket, key, ask)) {
        if (upload.key === key)
            await removeUpload(bucket, upload, ask);
    }
}
function nextPage(key, uploadId) {
    if (key === undefined)
        return undefined;
    return { KeyMarker: key, ...(uploadId === undefined ? {} : { UploadIdMarker: uploadId }) };
}
async function unlessGone(send) {
    try {
        return await send();
    }
    catch (error) {
        // NoSuchUpload; radosgw 16 also says NoSuchKey.
        if (isNotFound(error))
            return undefined;
        throw error;
    }
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/versions.js




/** What the bucket says of versions. An empty answer of a store that is not AWS may mean that it has none of this. */
async function bucketVersioning({ client, name, profile, place }) {
    if (!profile.versioning)
        return 'unsupported';
    try {
        const { Status } = await client.send(new dist_cjs.GetBucketVersioningCommand({ Bucket: name }));
        if (Status === 'Enabled')
            return 'enabled';
        if (Status === 'Suspended')
            return 'suspended';
        return profile.kind === 'aws' ? 'off' : 'unsupported';
    }
    catch (error) {
        if (isUnsupported(error))
            return 'unsupported';
        if (failureFacts(error).name === 'AccessDenied')
            return 'hidden';
        throw storeFailure(error, place, 'cannot ask whether it keeps versions');
    }
}
/** Every version and every marker of a deletion whose key begins with `prefix`. */
async function* objectVersions(bucket, prefix) {
    const moved = pageWatch(bucket.place);
    let from = {};
    while (from) {
        const page = await bucket.client
            .send(new dist_cjs.ListObjectVersionsCommand({ Bucket: bucket.name, Prefix: prefix, EncodingType: 'url', ...from }))
            .catch((error) => {
            throw storeFailure(error, bucket.place, LISTING);
        });
        for (const found of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
            if (found.Key === undefined || found.VersionId === undefined)
                continue;
            const size = 'Size' in found && typeof found.Size === 'number' ? found.Size : 0;
            yield { key: decoded(found.Key, page.EncodingType), versionId: found.VersionId, size };
        }
        from = page.IsTruncated === true ? versions_nextPage(page) : undefined;
        if (from)
            moved(JSON.stringify(from));
    }
}
function versions_nextPage({ NextKeyMarker, NextVersionIdMarker, EncodingType }) {
    if (NextKeyMarker === undefined)
        return undefined;
    const KeyMarker = decoded(NextKeyMarker, EncodingType);
    return { KeyMarker, ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }) };
}

;// CONCATENATED MODULE: ./lib/src/storage/part-size.js

const MIB = 1024 * 1024;
/** No part is smaller: at 5 MiB, the stores' minimum, the overhead of a request shows. */
const SMALLEST_PART = 8 * MIB;
/** Bytes that may be on their way at a time, as long as that is at least two parts. */
const BYTES_IN_FLIGHT = 32 * MIB;
/** How much larger the parts are when an object outgrew its estimate and begins anew. */
const REGROWTH = 8;
/**
 * Picks the size of the parts of one object before its first byte, from an upper estimate of its bytes. The parts
 * are at least 8 MiB, and so large that the estimate fits into nine tenths of the parts that the store allows
 * (9,000): the rest is for an estimate that was wrong. What is bounded is the bytes in flight, not the parts: four
 * parts of 8 MiB, and two of 16 MiB or more.
 *
 * Memory: a write holds `inFlight \u00d7 partBytes` in buffers of its own, nothing more; the process peaks at about
 *
 *     100 MB + inFlight \u00d7 partBytes + what its source leaves to the garbage collector
 *
 * Measured on Node 24, compiled, 2 GB uploaded: 134 MB with four parts of 8 MiB, 230 MB with two of 64 MiB (600 GB
 * expected, a database of 150 GB). A source that leaves a fresh chunk of 64 KiB each time, instead of reusing or
 * releasing it once it is asked for the next, adds up to 65 MB.
 *
 * An estimate above what the store takes in one object is taken for that: it is an upper one, and an object that
 * really grows so large is refused when it does. Throws `input` when `partBytes`, the user's own wish,
 * cannot carry the estimate.
 */
function planParts(profile, expectedBytes, partBytes) {
    const lastPart = Math.floor(profile.maxParts * 0.9);
    const expected = Math.min(expectedBytes, profile.maxObjectBytes);
    const needed = roundUp(expected / lastPart, MIB);
    if (partBytes === undefined)
        return plan(Math.max(SMALLEST_PART, needed), lastPart, profile);
    if (partBytes < profile.minPartBytes || partBytes > profile.maxPartBytes) {
        throw new errors/* LifeboatError */.H('input', `A part of ${size(partBytes)} is not what the ${profile.title} takes.`, {
            hint: `Set a part size between ${size(profile.minPartBytes)} and ${size(profile.maxPartBytes)}, or none.`,
        });
    }
    if (partBytes < needed) {
        throw new errors/* LifeboatError */.H('input', `Parts of ${size(partBytes)} end at ${size(partBytes * lastPart)}; this object may take ${size(expected)}.`, { hint: `Set a part size of at least ${size(needed)}, or none, and it is picked.` });
    }
    return plan(partBytes, lastPart, profile);
}
/**
 * The plan for an object that outgrew `outgrown`: parts eight times larger. Undefined when there is no such plan:
 * it grew to the store's limit for one object already.
 */
function regrow(profile, outgrown) {
    if (outgrown.partBytes * outgrown.lastPart >= profile.maxObjectBytes)
        return undefined;
    return plan(outgrown.partBytes * REGROWTH, outgrown.lastPart, profile);
}
function plan(partBytes, lastPart, profile) {
    const bounded = Math.min(partBytes, profile.maxPartBytes);
    return {
        partBytes: bounded,
        inFlight: Math.max(2, Math.floor(BYTES_IN_FLIGHT / bounded)),
        lastPart,
    };
}
function roundUp(value, unit) {
    return Math.ceil(value / unit) * unit;
}
/** `64 MiB` */
function size(bytes) {
    const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
    return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ''}`;
}

// EXTERNAL MODULE: ./lib/src/storage/body-reader.js
var body_reader = __webpack_require__(6608);
;// CONCATENATED MODULE: ./lib/src/storage/s3/part-feed.js


/** The body had more to give after the last part of the plan. */
class Outgrown extends Error {
    name = 'Outgrown';
}
/**
 * Cuts a body into parts for a number of uploaders that each ask for their next one. Every uploader has one
 * buffer, filled anew when it asks again, for then its last part is stored: memory is uploaders \u00d7 part, to the
 * byte, and leaves nothing to the garbage collector. lib-storage's own cutting joins chunks into a new buffer for
 * each part and keeps the one before: two parts of 64 MiB peaked at 491 MB with it, at 230 MB with this.
 *
 * A chunk has been copied when the next one is asked for: a body may then reuse its memory.
 *
 * Parts are full but for the last, which is told as such; so each waits for the first byte of the next.
 */
class PartFeed {
    #body;
    #plan;
    #unclean = new WeakSet();
    #pending;
    #parts = 0;
    #bytes = 0;
    #turn = Promise.resolve();
    constructor(body, plan, signal) {
        this.#body = new body_reader/* BodyReader */.W(body, signal);
        this.#plan = plan;
    }
    /** Parts cut so far. */
    get parts() {
        return this.#parts;
    }
    /** Bytes cut into parts so far. */
    get bytes() {
        return this.#bytes;
    }
    /** Says that a connection may still hold on to these bytes: their buffer is not filled again. */
    retire(data) {
        this.#unclean.add(data.buffer);
    }
    /** One uploader's parts. */
    async *[Symbol.asyncIterator]() {
        let room;
        for (;;) {
            if (room === undefined || this.#unclean.has(room.buffer))
                room = Buffer.allocUnsafeSlow(this.#plan.partBytes);
            const part = await this.#inTurn(room);
            if (part === undefined)
                return;
            yield part;
        }
    }
    async close() {
        await this.#body.close();
    }
    #inTurn(room) {
        const part = this.#turn.then(() => this.#next(room));
        this.#turn = part.catch(() => undefined);
        return part;
    }
    async #next(room) {
        let filled = 0;
        while (filled < room.length) {
            this.#pending ??= await this.#body.next();
            if (this.#pending === undefined)
                break;
            filled += this.#take(this.#pending, room, filled);
        }
        if (filled === 0) {
            if (this.#parts > 0)
                return undefined;
            throw new errors/* LifeboatError */.H('store', 'There is nothing to store: not one byte came.', {
                hint: 'An empty object is no backup. Look at what should have written it.',
            });
        }
        this.#pending ??= await this.#body.next();
        this.#parts += 1;
        if (this.#pending && this.#parts >= this.#plan.lastPart)
            throw new Outgrown();
        this.#bytes += filled;
        return { partNumber: this.#parts, data: room.subarray(0, filled), lastPart: !this.#pending };
    }
    #take(chunk, room, at) {
        const piece = chunk.subarray(0, room.length - at);
        room.set(piece, at);
        this.#pending = piece.length < chunk.length ? chunk.subarray(piece.length) : undefined;
        return piece.length;
    }
}

// EXTERNAL MODULE: ./node_modules/@aws-sdk/lib-storage/dist-cjs/index.js
var lib_storage_dist_cjs = __webpack_require__(2358);
// EXTERNAL MODULE: ./lib/src/pipeline/garbage.js + 2 modules
var garbage = __webpack_require__(9685);
;// CONCATENATED MODULE: ./lib/src/storage/s3/uploader.js
/**
 * Lets lib-storage's uploaders take their parts from `feed` instead of cutting a stream themselves, which costs a
 * part and a half more memory and goes on reading the source to its end after a part has failed: 250 MB are not to
 * be kept that way with parts of 64 MiB. `onFailure` hears of the first uploader that fails while the others are
 * still at work.
 *
 * The method is private to lib-storage, whose version is pinned for that; every write fails loudly, and with it the
 * contract suite, should it be gone.
 */
function feedUploader(upload, feed, onFailure) {
    const uploadParts = Reflect.get(upload, METHOD);
    if (typeof uploadParts !== 'function')
        throw new TypeError(`lib-storage has no ${METHOD} any more`);
    const fed = async () => {
        try {
            await Reflect.apply(uploadParts, upload, [feed]);
        }
        catch (error) {
            onFailure(error);
            throw error;
        }
    };
    Reflect.set(upload, METHOD, fed);
}
const METHOD = '__doConcurrentUpload';

;// CONCATENATED MODULE: ./lib/src/storage/s3/transfer.js







const NONCE = 'lifeboat-nonce';
/** How long a request that makes or ends an upload may go on after a cancel: its answer tells what is left. */
const GRACE_MS = 3_000;
/** So many parts leave memory behind that is worth the pause of a collection. */
const MANY_PARTS = 200;
/** Carries the bytes of one object to the store. The first failure stops source and requests at once. */
async function transfer(bucket, order) {
    const stop = new AbortController();
    const patience = new AbortController();
    let grace;
    stop.signal.addEventListener('abort', () => {
        grace = setTimeout(() => patience.abort(stop.signal.reason), GRACE_MS);
    });
    const cancel = () => stop.abort(order.signal.reason);
    order.signal.addEventListener('abort', cancel, { once: true });
    if (order.signal.aborted)
        cancel();
    const feed = new PartFeed(order.open(), order.plan, stop.signal);
    const client = bucket.writer(stop.signal, {
        // POST is CreateMultipartUpload and CompleteMultipartUpload.
        signalOf: (method) => (method === 'POST' ? patience.signal : stop.signal),
        onUnclean: (body) => feed.retire(body),
    });
    const watch = new Watch(client, bucket, order.key, feed);
    let failure;
    try {
        await startUpload(client, bucket, order, feed, stop);
    }
    catch (error) {
        failure = (stop.signal.aborted ? stop.signal.reason : error);
        stop.abort(failure);
    }
    await watch.settled();
    clearTimeout(grace);
    order.signal.removeEventListener('abort', cancel);
    await feed.close();
    client.destroy();
    const { upload, strays, finishing } = watch;
    return { failure, bytes: feed.bytes, upload, strays, finishing };
}
async function startUpload(client, bucket, { key, nonce, plan, onProgress }, feed, stop) {
    const upload = new lib_storage_dist_cjs/* Upload */._({
        client,
        partSize: plan.partBytes,
        queueSize: plan.inFlight,
        // Removing is for a context that is not cancelled: see sweep.ts.
        leavePartsOnError: true,
        abortController: stop,
        params: {
            Bucket: bucket.name,
            Key: key,
            IfNoneMatch: '*',
            Metadata: { [NONCE]: nonce },
            // Never read: see uploader.ts.
            Body: external_node_stream_.Readable.from([]),
        },
    });
    feedUploader(upload, feed, (error) => stop.abort(error));
    upload.on('httpUploadProgress', ({ loaded }) => onProgress(loaded ?? 0));
    await upload.done();
}
/** Sees every request of a write pass: lib-storage tells neither the upload's id nor when the last one has ended. */
class Watch {
    upload;
    strays = false;
    finishing = false;
    #client;
    #bucket;
    #key;
    #feed;
    #running = new Set();
    constructor(client, bucket, key, feed) {
        this.#client = client;
        this.#bucket = bucket;
        this.#key = key;
        this.#feed = feed;
        client.middlewareStack.add((next, context) => async (args) => {
            const request = this.#pass(context.commandName ?? '', args.input, () => next(args));
            this.#running.add(request);
            try {
                return await request;
            }
            finally {
                this.#running.delete(request);
            }
        }, { step: 'initialize', name: 'lifeboatWatch' });
    }
    async settled() {
        while (this.#running.size > 0)
            await Promise.allSettled(this.#running);
    }
    async #pass(command, input, send) {
        switch (command.replace(/Command$/, '')) {
            case 'UploadPart':
                // A request outlives the collections of young garbage: each leaves some 50 KB.
                if ('PartNumber' in input && Number(input.PartNumber) % MANY_PARTS === 0)
                    (0,garbage/* collectGarbage */.iO)();
                return send();
            case 'CreateMultipartUpload':
                return this.#create(send);
            case 'CompleteMultipartUpload':
                // A list of ten thousand parts takes 70 MB: the parts' buffers, garbage by now, make room for it.
                if (this.#feed.parts >= MANY_PARTS)
                    (0,garbage/* collectGarbage */.iO)();
                if (!this.#bucket.profile.conditionalComplete)
                    await refuseExisting(this.#bucket, this.#key, this.#client);
                this.finishing = true;
                return send();
            case 'PutObject':
                this.finishing = true;
                return send();
            default:
                return send();
        }
    }
    async #create(send) {
        this.strays = true;
        const answer = await send();
        this.strays = (answer.output.$metadata.attempts ?? 1) > 1;
        if ('UploadId' in answer.output && answer.output.UploadId !== undefined) {
            this.upload = { key: this.#key, uploadId: answer.output.UploadId, initiated: new Date() };
            this.#bucket.journal?.opened(this.upload);
        }
        return answer;
    }
}
/** Throws `store-conflict` when an object stands at `key`. */
async function refuseExisting(bucket, key, client) {
    if ((await glance(bucket, key, client)) !== undefined)
        throw conflict(bucket, key);
}
function conflict(bucket, key, cause) {
    return new errors/* LifeboatError */.H('store-conflict', `${bucket.place.description}: ${key} exists already, and is not ours.`, {
        hint: 'Nothing was overwritten. Two runs with one name, or a prefix in use by something else: run this again.',
        ...(cause === undefined ? {} : { cause }),
    });
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/write.js
var __addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});







/** Tidying up has a context of its own, which no cancel reaches; this bounds it. */
const TIDY_MS = 60_000;
/** See `ObjectStore.write`. */
async function writeObject(bucket, order) {
    const plan = planParts(bucket.profile, order.expectedBytes, bucket.partBytes);
    try {
        order.signal.throwIfAborted();
        await refuse(bucket, order);
        return await attempt(bucket, order, plan);
    }
    catch (error) {
        if (!(error instanceof Outgrown))
            throw explain(bucket, order, error);
    }
    const larger = regrow(bucket.profile, plan);
    if (larger === undefined)
        throw outgrown(order, plan);
    try {
        return await attempt(bucket, order, larger);
    }
    catch (error) {
        throw error instanceof Outgrown ? outgrown(order, larger) : explain(bucket, order, error);
    }
}
async function refuse(bucket, { key, signal }) {
    const client = bucket.until(signal);
    try {
        await refuseExisting(bucket, key, client);
    }
    finally {
        client.destroy();
    }
}
/** Who asks when the run may have been cancelled. */
function tidying(bucket) {
    const signal = AbortSignal.timeout(TIDY_MS);
    const client = bucket.until(signal);
    return { client, signal, [Symbol.dispose]: () => client.destroy() };
}
/** One transfer, and the truth about it. Whatever it throws, nothing of it is left in the store. */
async function attempt(bucket, order, plan) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { key, nonce, open, signal } = order;
        const onProgress = order.onProgress ?? (() => undefined);
        const result = await transfer(bucket, { key, nonce, plan, open, signal, onProgress });
        const ask = __addDisposableResource(env_1, tidying(bucket), false);
        if (result.failure === undefined) {
            if (result.upload)
                bucket.journal?.closed(result.upload);
            if (result.strays)
                await removeStrays(bucket, key, ask);
            return await write_confirm(bucket, order, result, ask);
        }
        let ours;
        let other = false;
        try {
            if (result.finishing)
                ({ ours, other } = await recognize(bucket, order, result, ask));
            await tidy(bucket, key, result, ask);
        }
        catch (error) {
            throw leftBehind(explain(bucket, order, result.failure), error);
        }
        if (ours)
            return ours;
        if (other && isConflict(result.failure))
            throw conflict(bucket, key, result.failure);
        throw result.failure;
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        __disposeResources(env_1);
    }
}
/** Sees the object in the store, as this write made it. */
async function write_confirm(bucket, order, result, ask) {
    const { ours, other } = await recognize(bucket, order, result, ask);
    if (ours)
        return ours;
    if (other)
        throw conflict(bucket, order.key);
    throw new errors/* LifeboatError */.H('store', `${bucket.place.description}: ${order.key} was acknowledged, but it is not there.`, { hint: 'Do not trust this store before you know why. Is something else deleting in this bucket?' });
}
/**
 * Is the object at the key this write's? The answer to a request that succeeded may have been lost, and then its
 * retry is told that an object exists (412) or that the upload is gone (404).
 */
async function recognize(bucket, { key, nonce }, { bytes }, { client }) {
    const found = await glance(bucket, key, client);
    if (found === undefined)
        return { ours: undefined, other: false };
    if (found.metadata[NONCE] !== nonce || found.size !== bytes)
        return { ours: undefined, other: true };
    return { ours: { key, size: bytes, lastModified: found.lastModified ?? new Date() }, other: false };
}
async function tidy(bucket, key, result, ask) {
    if (result.upload) {
        await removeUpload(bucket, result.upload, ask);
        bucket.journal?.closed(result.upload);
    }
    if (result.strays)
        await removeStrays(bucket, key, ask);
}
function explain(bucket, { key, signal }, error) {
    if (error instanceof errors/* LifeboatError */.H)
        return error;
    if (signal.aborted) {
        return new errors/* LifeboatError */.H('cancelled', `Writing ${key} was cancelled; nothing of it was kept.`, {
            cause: error,
        });
    }
    return isOfTheStore(error) ? storeFailure(error, bucket.place, `cannot write ${key}`) : error;
}
/** What a source throws is passed on as it is. */
function isOfTheStore(error) {
    return typeof error === 'object' && error !== null && '$metadata' in error;
}
function leftBehind(failure, cause) {
    const why = failure instanceof Error ? failure.message : String(failure);
    return new errors/* LifeboatError */.H(failure instanceof errors/* LifeboatError */.H ? failure.code : 'store', `${why} And what was already sent could not be removed.`, {
        hint: 'The next prune, or the lifecycle rule that aborts unfinished uploads, removes it.',
        cause: new AggregateError([failure, cause], 'writing and tidying up both failed'),
    });
}
function outgrown({ key, expectedBytes }, { partBytes, lastPart }) {
    return new errors/* LifeboatError */.H('store', `${key} grew beyond ${partBytes * lastPart} bytes; ${expectedBytes} were expected at most.`, {
        hint: 'It was begun anew with larger parts and outgrew them too. Set a larger part size (limits: part=\u2026).',
    });
}

;// CONCATENATED MODULE: ./lib/src/storage/s3/s3-object-store.js












/** A bucket as `ObjectStore`. Made by `openS3Store`, which loads the SDK only when it is needed. */
class S3ObjectStore {
    description;
    #bucket;
    #nonce;
    #remove;
    constructor(options, profile) {
        this.#bucket = new Bucket(options, profile);
        this.#remove = remover(this.#bucket);
        this.#nonce = options.nonce ?? external_node_crypto_.randomUUID;
        this.description = this.#bucket.place.description;
    }
    write(key, open, options) {
        return writeObject(this.#bucket, { ...options, key, open, nonce: this.#nonce() });
    }
    async head(key) {
        const found = await lookAtObject(this.#bucket, key);
        return found && { key, size: found.size, lastModified: found.lastModified ?? new Date(0) };
    }
    read(key, range, { fresh = false } = {}) {
        return readObject(this.#bucket, { key, range, fresh });
    }
    list(prefix) {
        return listObjects(this.#bucket, prefix);
    }
    uploads(prefix) {
        return pendingUploads(this.#bucket, prefix);
    }
    async abortUpload(upload) {
        await removeUpload(this.#bucket, upload);
    }
    remove(keys, signal) {
        return this.#remove(keys.map((key) => ({ key })), signal);
    }
    lastActivity(upload) {
        return uploadActivity(this.#bucket, upload);
    }
    async clockSkewMs() {
        if (this.#bucket.clock.skewMs() === undefined)
            await glance(this.#bucket, '_lifeboat');
        return this.#bucket.clock.skewMs();
    }
    versioning() {
        return bucketVersioning(this.#bucket);
    }
    versions(prefix) {
        return objectVersions(this.#bucket, prefix);
    }
    removeVersions(versions, signal) {
        return this.#remove(versions, signal);
    }
    lifecycle() {
        return readLifecycle(this.#bucket);
    }
    replaceLifecycle(rules) {
        return writeLifecycle(this.#bucket, rules);
    }
    overwrite(key) {
        return overwriteObject(this.#bucket, key);
    }
    objectLock() {
        return bucketObjectLock(this.#bucket);
    }
    close() {
        this.#bucket[Symbol.dispose]();
    }
}


/***/ })

};
