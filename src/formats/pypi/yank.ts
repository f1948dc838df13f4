import type { Reply } from '../../http/call.ts'
import { readBody } from '../../http/request-body.ts'
import { refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { objectOf, without } from '../json.ts'
import { isSafeVersion, parsePackage } from './names.ts'
import { missingVersion, spellingOf } from './spelling.ts'

/** Longest reason. Unit: bytes. Ours; installers print it on a line. */
const REASON_BYTES_MAX = 1000

/**
 * `PUT yanked/{project}/{version}`, with the reason as the body: installers pass the version over, unless somebody asks
 * for exactly it. Ours: PEP 592 says what a yank means, and leaves open who asks for one how.
 */
export async function yank(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const target = targetOf(call)
  const reason = parseReason(await readBody(call.body, REASON_BYTES_MAX))
  return setYanked(call, session, target, reason)
}

/** `DELETE yanked/{project}/{version}` */
export async function unyank(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return setYanked(call, session, targetOf(call), undefined)
}

interface Target {
  readonly name: PackageName
  readonly version: string
}

function targetOf({ params: { project = '', version = '' } }: PackageCall): Target {
  const name = parsePackage(project)
  if (!isSafeVersion(version)) throw missingVersion(name, version)
  return { name, version }
}

/** One line: it stands in pages, and in what installers print. */
function parseReason(bytes: Buffer): string | true {
  const text = bytes.toString('utf8').trim()
  if (/[\p{Cc}\p{Cs}\uFFFD]/u.test(text)) throw refused('the reason must be one line of UTF-8 text')
  return text === '' ? true : text
}

/** The same again is no mistake. Throws `missing` for a version that this repository does not hold itself. */
async function setYanked(
  call: PackageCall,
  session: RepositorySession,
  { name, version }: Target,
  yanked: string | true | undefined,
): Promise<Reply> {
  const spelled = await spellingOf(session, name, version)
  call.log({ 'package.name': name.name, 'package.version': spelled })
  let isHeld = false
  const change = (_: string, document: unknown) => {
    isHeld = true
    const rest = without(objectOf(document), new Set(['yanked']))
    return yanked === undefined ? rest : { ...rest, yanked }
  }
  await session.updateDocuments(name, change, spelled)
  if (!isHeld) throw missingVersion(name, version)
  const done = `${name.name} ${spelled} is ${yanked === undefined ? 'not yanked any more' : 'yanked'}\n`
  return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: done }
}
