import { Readable } from 'node:stream'
import { HttpError, type Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { LocatedAsset, OpenedAsset, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { chooseRepresentation, type Representation } from './accept.ts'
import {
  API_VERSION,
  escapeHtml,
  HTML_TYPE,
  JSON_TYPE,
  missingProject,
  page,
  renderHtml,
  renderJson,
} from './documents.ts'
import { isSafeFilename } from './filenames.ts'
import { readMetadata } from './metadata-file.ts'
import { isSafeVersion, parsePackage } from './names.ts'
import { spellingOf } from './spelling.ts'

/** `GET simple/{project}/` */
export async function readProject(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const name = nameOf(call, session)
  if (call.params['project'] !== name.name) return redirect(call, session, `../${name.name}/`)
  const { endpoint } = call
  const wanted = representationOf(call)
  if (wanted === 'json') {
    return replyIndex(call, await session.index(name, `json ${endpoint}`, (view) => renderJson(view, endpoint)))
  }
  const index = await session.index(name, 'html', renderHtml)
  return replyIndex(call, wanted === 'html' ? { ...index, contentType: HTML_TYPE } : index)
}

/** `GET simple/{project}`: what is on the page is relative to the address with the slash. */
export async function redirectToProject(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return redirect(call, session, `${nameOf(call, session).name}/`)
}

function redirect(call: PackageCall, session: RepositorySession, to: string): Reply {
  session.authorizeRead()
  const location = call.query === '' ? to : `${to}?${call.query}`
  return { status: 301, headers: { Location: location, 'Cache-Control': 'no-store' } }
}

/** For who only reads, a name that cannot be is a project that is not there. */
function nameOf(call: PackageCall, session: RepositorySession): PackageName {
  const { project = '' } = call.params
  try {
    return parsePackage(project)
  } catch {
    session.authorizeRead()
    throw missingProject(project)
  }
}

/** The query beats the header, as the specification allows. */
function representationOf(call: PackageCall): Representation {
  const asked = new URLSearchParams(call.query).get('format') ?? call.header('accept')
  const found = chooseRepresentation(asked)
  if (found !== undefined) return found
  throw new HttpError(406, `a page is served as ${JSON_TYPE}, ${HTML_TYPE} or text/html`)
}

/** `GET simple/`: what this repository and those behind it hold, written while it is read. */
export async function readProjects(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const wanted = representationOf(call)
  const isJson = wanted === 'json'
  const type = isJson ? JSON_TYPE : wanted === 'html' ? HTML_TYPE : 'text/html; charset=utf-8'
  const headers = { 'Content-Type': type, 'Cache-Control': 'private, no-cache', Vary: 'Accept' }
  const body = Readable.from(isJson ? listJson(session) : listHtml(session), { objectMode: false })
  return { status: 200, headers, body }
}

async function* listJson(session: RepositorySession): AsyncGenerator<string> {
  yield `{"meta":{"api-version":"${API_VERSION}"},"projects":[`
  let comma = ''
  for await (const names of pagesOf(session)) {
    yield comma + names.map(({ name }) => JSON.stringify({ name })).join(',')
    comma = ','
  }
  yield ']}'
}

async function* listHtml(session: RepositorySession): AsyncGenerator<string> {
  const [start = '', end = ''] = page(
    [`<meta name="pypi:repository-version" content="${API_VERSION}">`, '<title>Simple index</title>'],
    'Simple index',
    ['\0'],
  ).split('\0')
  yield start
  for await (const names of pagesOf(session)) {
    yield names.map(({ name }) => `<a href="${escapeHtml(name)}/">${escapeHtml(name)}</a><br>\n`).join('')
  }
  yield end
}

async function* pagesOf(session: RepositorySession): AsyncGenerator<readonly PackageName[]> {
  let after: PackageName | undefined
  for (;;) {
    const names = await session.packageNames(after)
    if (names.length === 0) return
    yield names
    after = names.at(-1)
  }
}

/** `GET simple/{project}/{version}/{filename}`: a file, or with `.metadata` behind it what the file says of itself. */
export async function readFile(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const name = nameOf(call, session)
  const { version = '', filename = '' } = call.params
  if (!isSafeVersion(version) || !isSafeFilename(filename)) {
    session.authorizeRead()
    throw missingFile(filename)
  }
  if (filename.endsWith('.metadata')) {
    const file = filename.slice(0, -'.metadata'.length)
    const located = await inAnySpelling(session, name, version, (spelled) => session.locateAsset(name, spelled, file))
    return replyMetadata(call, file, located)
  }
  const opened = await inAnySpelling(session, name, version, (spelled) => session.openAsset(name, spelled, filename))
  return replyAsset(call, opened)
}

function missingFile(filename: string): RegistryError {
  return new RegistryError('missing', `file not found: ${filename}`, { resourceType: 'asset', resourceId: filename })
}

async function replyMetadata(call: PackageCall, filename: string, located: LocatedAsset): Promise<Reply> {
  const { bytes, etag, publishedAt } = await readMetadata(filename, located)
  const opened: OpenedAsset = {
    asset: { name: `${filename}.metadata` },
    sizeBytes: bytes.length,
    etag,
    publishedAt,
    read: async (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  }
  return replyAsset(call, opened, { 'Content-Type': 'text/plain; charset=utf-8' })
}

/** Old lock files have addresses with another spelling of the version than the one that is stored. */
async function inAnySpelling<T>(
  session: RepositorySession,
  name: PackageName,
  version: string,
  find: (version: string) => T | Promise<T>,
): Promise<T> {
  try {
    return await find(version)
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'missing') throw error
    const spelled = await spellingOf(session, name, version)
    if (spelled === version) throw error
    return find(spelled)
  }
}
