import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/** Makes a certificate for `localhost` that signs itself, and its key, as files in `folder`. */
export async function makeCertificate(
  folder: string,
  name: string,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', key, '-out', certificate]
  await runProgram('openssl', ['req', '-x509', '-days', '2', ...subject, ...pair, ...files])
  return { certificate, key }
}
