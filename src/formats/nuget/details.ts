import type { Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { type OpenVersion, openVersions, packageMissing } from './documents.ts'
import { packageOrMissing, versionOrMissing } from './names.ts'

/** `GET v3/details/{id}/{version}`: where clients send people who want to know more, as plain text. */
export async function readDetails(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const name = packageOrMissing(call.params['id'] ?? '')
  const version = versionOrMissing(call.params['version'] ?? '')
  const found = openVersions(await session.view(name)).find((open) => open.version === version)
  if (!found) throw packageMissing(name)
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'private, no-cache',
    'X-Content-Type-Options': 'nosniff',
  }
  return { status: 200, headers, body: renderDetails(session.repository.name, found) }
}

function renderDetails(repository: string, { entry, isListed, publishedAt }: OpenVersion): string {
  const facts = {
    Authors: entry.authors,
    Licence: entry.licenseExpression ?? entry.licenseUrl,
    Project: entry.projectUrl,
    Source: entry.repositoryUrl,
    Published: new Date(publishedAt).toISOString(),
    Listed: isListed ? 'yes' : 'no',
  }
  const lines = Object.entries(facts).flatMap(([fact, text]) => (text === undefined ? [] : [`${fact}: ${text}`]))
  const advisories = entry.vulnerabilities.map(({ advisoryUrl }) => `Vulnerable: ${advisoryUrl}`)
  const report = `To report this package, tell those who run this Packyard; it stands in the repository '${repository}'.`
  const parts = [`${entry.id} ${entry.version}`, entry.description ?? '', [...lines, ...advisories].join('\n'), report]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
