import assert from 'node:assert/strict'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { createPackyardClient, type PackyardClient } from '../../src/services/packyard/client.ts'
import { readCredentials } from './aws.ts'
import type { Packyard } from './packyard.ts'

export interface ApiSigner {
  readonly url: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One request of `/packyard/v1`, signed; `target` is path and query as they go on the wire. */
export async function callApi(
  { url, credentials }: ApiSigner,
  { method = 'GET', target, body, service = 'packyard', contentType = 'application/json' }: ApiRequest,
): Promise<ApiAnswer> {
  const { protocol, host, hostname } = new URL(url)
  const [path = '', text = ''] = target.split('?')
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(text.replaceAll('+', '%2B'))) (query[name] ??= []).push(value)
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 })
  const signed = await signer.sign({
    method,
    protocol,
    hostname,
    path,
    query,
    headers: { host, ...(body !== undefined && { 'content-type': contentType }) },
    body: body ?? '',
  })
  const { host: _host, ...headers } = signed.headers
  const response = await fetch(`${url}${target}`, { method, headers, ...(body !== undefined && { body }) })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export interface ApiRequest {
  readonly method?: string | undefined
  readonly target: string
  readonly body?: string | undefined
  readonly service?: string
  readonly contentType?: string
}

/** Whoever these variables are; the administrator unless said. */
export function apiSigner(yard: Packyard, env: Readonly<Record<string, string>> = yard.env): ApiSigner {
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = yard.env['AWS_PROFILE'] ?? '' } = env
  return { url: yard.url, credentials: readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE) }
}

/** The typed client, signing. */
export function apiClient(signer: ApiSigner): PackyardClient {
  return createPackyardClient(async (request) => {
    const { status, text } = await callApi(signer, request)
    return { status, body: text }
  })
}

/** A user of the first account that may do what the policy says. */
export async function createApiUser(yard: Packyard, name: string, policy: string): Promise<ApiSigner> {
  const admin = apiSigner(yard)
  await callIam(admin, { Action: 'CreateUser', UserName: name })
  await callIam(admin, { Action: 'PutUserPolicy', UserName: name, PolicyName: 'p', PolicyDocument: policy })
  const answer = await callIam(admin, { Action: 'CreateAccessKey', UserName: name })
  const field = (tag: string) => new RegExp(`<${tag}>([^<]+)<`).exec(answer)?.[1] ?? ''
  const secretAccessKey = yard.secret(field('SecretAccessKey'))
  return { url: yard.url, credentials: { accessKeyId: field('AccessKeyId'), secretAccessKey } }
}

export async function callIam(signer: ApiSigner, parameters: Readonly<Record<string, string>>): Promise<string> {
  const body = new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString()
  const contentType = 'application/x-www-form-urlencoded; charset=utf-8'
  const { status, text } = await callApi(signer, { method: 'POST', target: '/', body, service: 'iam', contentType })
  assert.equal(status, 200, text)
  return text
}
