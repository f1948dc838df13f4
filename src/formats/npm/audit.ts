import { gzipSync } from 'node:zlib'
import type { Reply } from '../../http/call.ts'
import type { Advisory } from '../../registry/advisories.ts'
import { createAffectedTest } from '../../registry/affected-versions.ts'
import type { PackageName } from '../../registry/names.ts'
import { packageKey } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import type { JsonObject } from '../json.ts'
import { isObject, listOf, objectOf } from '../json.ts'
import { npmNames, parsePackage } from './names.ts'
import { askSources } from './outside.ts'
import { renderAdvisory } from './own-advisories.ts'
import { renderQuickAudit, standingsIn } from './quick-audit.ts'
import { json } from './replies.ts'
import { readJson } from './request-body.ts'

/** Largest question: a lock file's whole tree. Unit: bytes. Ours. */
const QUESTION_BYTES_MAX = 32 * 1024 * 1024

/**
 * `POST /-/npm/v1/security/advisories/bulk`: which of these versions are known to be vulnerable: by the advisories that are
 * held here, else by what the outside says. npm asks it on every installation, so that whatever goes wrong there is answered
 * with: none known.
 */
export async function auditBulk(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const question = objectOf(await readJson(call, QUESTION_BYTES_MAX))
  const own = await ownAdvisories(session, Object.keys(question))
  if (own) return json(200, answerBulk(question, own))
  const secret = await secretNames(session, Object.keys(question))
  const asked = Object.fromEntries(Object.entries(question).filter(([name]) => !secret.has(name)))
  if (Object.keys(asked).length === 0) return json(200, {})
  return json(200, (await askOutside(call, session, '-/npm/v1/security/advisories/bulk', asked)) ?? {})
}

/** `POST /-/npm/v1/security/audits/quick`: the same with a lock file's tree, as npm 6 and Yarn 1 ask it. */
export async function auditQuick(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const question = objectOf(await readJson(call, QUESTION_BYTES_MAX))
  const standings = standingsIn(question)
  const own = await ownAdvisories(session, [...new Set(standings.map(({ name }) => name))])
  if (own) return json(200, renderQuickAudit(standings, own))
  const names = new Set<string>()
  const tree = { requires: question['requires'], dependencies: question['dependencies'] }
  collectNames(tree, names)
  const asked = redactTree(tree, await secretNames(session, [...names]))
  // Name, version and the rest say who asks, not what about.
  const found = await askOutside(call, session, '-/npm/v1/security/audits/quick', {
    ...asked,
    name: 'x',
    version: '0.0.0',
  })
  return json(200, found ?? nothingFound(names.size))
}

/** What is known here of each of these names; undefined when nothing was ever imported for npm. */
async function ownAdvisories(
  session: RepositorySession,
  names: readonly string[],
): Promise<((name: string) => readonly Advisory[]) | undefined> {
  const parsed = names.flatMap((name) => tryParse(name) ?? [])
  const found = await session.advisories(parsed)
  if (!found) return undefined
  return (text) => {
    const name = tryParse(text)
    return (name && found.get(packageKey(name))) ?? []
  }
}

function answerBulk(question: JsonObject, advisoriesOf: (name: string) => readonly Advisory[]): JsonObject {
  const answers = Object.entries(question).flatMap(([name, asked]) => {
    const versions = listOf(asked).filter((version) => typeof version === 'string')
    const hit = advisoriesOf(name).filter(({ affected }) => versions.some(createAffectedTest(npmNames, affected)))
    return hit.length === 0 ? [] : [[name, hit.map(renderAdvisory)] as const]
  })
  return Object.fromEntries(answers)
}

async function askOutside(
  call: PackageCall,
  session: RepositorySession,
  path: string,
  question: JsonObject,
): Promise<JsonObject | undefined> {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', accept: 'application/json' }
  const body = gzipSync(JSON.stringify(question))
  const answer = await askSources(session, { path, method: 'POST', headers, body, signal: call.signal })
  return isObject(answer) ? answer : undefined
}

/** Names that must not be told outside: those that were published to us, and what is no name at all. */
async function secretNames(session: RepositorySession, names: readonly string[]): Promise<ReadonlySet<string>> {
  const readable = new Map<string, PackageName>()
  for (const name of names) {
    const parsed = tryParse(name)
    if (parsed) readable.set(name, parsed)
  }
  const internal = await session.internalNames([...readable.values()])
  return new Set(
    names.filter((name) => {
      const parsed = readable.get(name)
      return !parsed || internal.has(packageKey(parsed))
    }),
  )
}

function tryParse(name: string): PackageName | undefined {
  try {
    return parsePackage(name)
  } catch {
    return undefined
  }
}

function collectNames(tree: JsonObject, names: Set<string>): void {
  for (const name of Object.keys(objectOf(tree['requires']))) names.add(name)
  for (const [name, entry] of Object.entries(objectOf(tree['dependencies']))) {
    names.add(name)
    collectNames(objectOf(entry), names)
  }
}

/** The tree with only the fields that the answer depends on, and no name that is nobody's business. */
function redactTree(tree: JsonObject, secret: ReadonlySet<string>): JsonObject {
  const requires = Object.entries(objectOf(tree['requires'])).filter(([name]) => !secret.has(name))
  const dependencies = Object.entries(objectOf(tree['dependencies'])).filter(([name]) => !secret.has(name))
  return {
    requires: Object.fromEntries(requires),
    dependencies: Object.fromEntries(
      dependencies.map(([name, entry]) => {
        const { version, integrity, dev, optional } = objectOf(entry)
        return [name, { version, integrity, dev, optional, ...redactTree(objectOf(entry), secret) }]
      }),
    ),
  }
}

/** Source: npm 6, which reads every one of these. */
function nothingFound(dependencies: number): JsonObject {
  return {
    actions: [],
    advisories: {},
    muted: [],
    metadata: {
      vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0 },
      dependencies,
      devDependencies: 0,
      optionalDependencies: 0,
      totalDependencies: dependencies,
    },
  }
}
