import type { Reply } from '../../http/call.ts'
import { type Advisory, ASSUMED_SEVERITY } from '../../registry/advisories.ts'
import { createAffectedTest, fixedVersions } from '../../registry/affected-versions.ts'
import { refused, RegistryError } from '../../registry/errors.ts'
import { packageKey, type PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { type JsonObject, objectOf, textOf } from '../json.ts'
import { missingProject } from './documents.ts'
import { parsePackage, pypiNames } from './names.ts'
import { readRelease } from './release.ts'
import { isSameVersion } from './versions.ts'

/** Largest question. Unit: bytes. Ours; a name and a version. */
const QUESTION_BYTES_MAX = 64 * 1024

/**
 * `POST osv/v1/query`: what is known of one version, as pip-audit asks for it with `-s osv --osv-url`. Where nothing was
 * imported for Python it is refused: an empty answer would mean that all is well. Source: OSV API, "Query".
 */
export async function queryAdvisories(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const question = await readQuestion(call)
  const { name, ecosystem } = objectOf(question['package'])
  const version = textOf(question['version'])
  if (textOf(name) === undefined || version === undefined || ecosystem !== 'PyPI') {
    throw refused('the question must have a version, and a package with a name and the ecosystem PyPI')
  }
  const asked = parsePackage(textOf(name) ?? '')
  const found = await knownOf(session, asked)
  if (!found) {
    throw new RegistryError('unavailable', 'nobody has imported advisories for Python: packyard advisories import')
  }
  const vulns = found.filter(({ affected }) => createAffectedTest(pypiNames, affected)(version))
  return json(vulns.length === 0 ? {} : { vulns: vulns.map((advisory) => renderRecord(asked, advisory)) })
}

async function readQuestion(call: PackageCall): Promise<JsonObject> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of call.body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > QUESTION_BYTES_MAX) throw refused(`the question is larger than ${QUESTION_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  try {
    return objectOf(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  } catch {
    throw refused('the question is no JSON')
  }
}

async function knownOf(session: RepositorySession, name: PackageName): Promise<readonly Advisory[] | undefined> {
  const found = await session.advisories([name])
  return found && (found.get(packageKey(name)) ?? [])
}

/** As much of a record as is kept. Source: OSV schema. */
function renderRecord(name: PackageName, advisory: Advisory): object {
  const { id, aliases, summary, url, vector, severity, publishedAt, modifiedAt, affected } = advisory
  const ranges = affected.ranges.map((events) => ({
    type: 'ECOSYSTEM',
    events: events.map(({ kind, version }) => ({ [kind]: version })),
  }))
  return {
    schema_version: '1.6.0',
    id,
    aliases,
    summary,
    details: summary,
    published: new Date(publishedAt).toISOString(),
    modified: new Date(modifiedAt).toISOString(),
    ...(vector !== undefined && { severity: [{ type: cvssType(vector), score: vector }] }),
    affected: [{ package: { ecosystem: 'PyPI', name: name.name }, ranges, versions: affected.versions }],
    references: [{ type: 'ADVISORY', url }],
    database_specific: { severity: (severity ?? ASSUMED_SEVERITY).toUpperCase() },
  }
}

function cvssType(vector: string): string {
  return `CVSS_V${/^CVSS:(\d)/.exec(vector)?.[1] ?? '2'}`
}

/**
 * `GET pypi/{project}/{version}/json`: what there is of PyPI's document of a release: what is known against it, its own
 * words and its files. Source: PyPI documentation, "JSON API".
 */
export async function readReleaseJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const { project = '', version = '' } = call.params
  const name = nameOrMissing(project)
  const view = await session.view(name)
  const found = view.versions.find((each) => each.status === 'Published' && isSameVersion(each.version, version))
  if (!found) throw missingProject(`${project} ${version}`)
  const { fields } = readRelease(found.document)
  const first = (field: string) => fields[field]?.[0] ?? null
  const known = (await knownOf(session, name)) ?? []
  const about = known.filter(({ affected }) => createAffectedTest(pypiNames, affected)(found.version))
  return json({
    info: {
      name: name.name,
      version: found.version,
      summary: first('summary'),
      license: first('license'),
      license_expression: first('license-expression'),
      requires_python: first('requires-python'),
      requires_dist: fields['requires-dist'] ?? null,
      classifiers: fields['classifier'] ?? [],
    },
    urls: found.assets.map(({ name: filename, sizeBytes, digests }) => ({
      filename,
      url: `${call.endpoint}simple/${name.name}/${encodeURIComponent(found.version)}/${encodeURIComponent(filename)}`,
      size: sizeBytes ?? null,
      digests,
    })),
    vulnerabilities: about.map(renderVulnerability),
  })
}

function renderVulnerability({ id, aliases, summary, url, affected }: Advisory): object {
  return {
    id,
    aliases,
    summary,
    details: summary,
    fixed_in: fixedVersions(pypiNames, affected),
    link: url,
    source: 'osv',
    withdrawn: null,
  }
}

function nameOrMissing(project: string): PackageName {
  try {
    return parsePackage(project)
  } catch {
    throw missingProject(project)
  }
}

function json(document: object): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache' }
  return { status: 200, headers, body: JSON.stringify(document) }
}
