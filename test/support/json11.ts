import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'

export interface Json11Answer {
  readonly status: number
  /** `__type` of a failure. */
  readonly error: string | undefined
  readonly body: Record<string, unknown>
}

export interface Json11Signer {
  readonly url: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** One request in JSON 1.1, as SDKs send it. `target`: `TrentService.CreateKey`. */
export async function sendJson11(
  { url, region, credentials }: Json11Signer,
  service: string,
  target: string,
  input: object,
): Promise<Json11Answer> {
  const body = JSON.stringify(input)
  const { host, hostname } = new URL(url)
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 })
  const headers = { host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
  const signed = await signer.sign({ method: 'POST', protocol: 'http:', hostname, path: '/', headers, body })
  const response = await fetch(url, { method: 'POST', headers: signed.headers, body })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, error: answer['__type'] as string | undefined, body: answer }
}
