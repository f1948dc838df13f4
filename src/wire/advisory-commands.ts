import { resolve } from 'node:path'
import type { AdvisoryCommands, GivenPlace, GivenSubject } from '../cli/advisories-program.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import {
  renderAdvisories,
  renderFeeds,
  renderImport,
  renderLicences,
  renderMatches,
  renderNamed,
} from '../cli/advisories-text.ts'
import { findAdvisoryById } from '../governance/advisories/find-by-id.ts'
import { announceFindings } from '../governance/advisories/findings.ts'
import { listFeeds } from '../governance/advisories/feeds.ts'
import { removeFeed } from '../governance/advisories/import-feed.ts'
import { type AffectedVersion, affectedVersions, worstFirst } from '../governance/advisories/match.ts'
import { refreshFeed } from '../governance/advisories/refresh-feed.ts'
import { countLicences } from '../governance/licences/count-licences.ts'
import type { Advisory } from '../registry/advisories.ts'
import { findAdvisories } from '../registry/advisories.ts'
import { createAffectedTest } from '../registry/affected-versions.ts'
import { RegistryError } from '../registry/errors.ts'
import { requireDomain, requireRepository } from '../registry/lookup.ts'
import { packageKey, parseAccountId, parseDomainName, parseFormatId, parseRepositoryName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import { refreshParts } from './advisory-feeds.ts'
import { runJob, withRegistry } from './keeping-commands.ts'
import type { CommandParts } from './registry-command.ts'

/** They work on the installation itself, beside a server that may be running. */
export function createAdvisoryCommands(parts: CommandParts): AdvisoryCommands {
  const show = (value: unknown, text: string, form: 'text' | 'json') =>
    parts.writeOut(form === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : text)
  const signal = new AbortController().signal
  return {
    importAdvisories: (flags, { path, feed, shrinking }, form) =>
      withRegistry(parts, flags, async ({ registry }, config) => {
        const full = resolve(path)
        const source = { id: feed ?? full, at: { kind: 'path', path: full }, shrinking } as const
        const outcome = await refreshFeed(refreshParts(config, registry), source, signal)
        if (outcome.kind === 'failed') {
          throw new CommandError(`${path} cannot be read, and what was read before stands: ${outcome.error}`)
        }
        const findings = await announceFindings(registry, signal)
        show({ feed: source.id, ...outcome, findings }, renderImport(source.id, outcome, findings), form)
        return exitCodes.success
      }),
    refreshAdvisories: (flags, form) =>
      withRegistry(parts, flags, async (opened) => {
        const outcome = await runJob(parts, opened, 'advisories', { input: null, progress: 'begin afresh' })
        show(outcome, `${JSON.stringify(outcome)}\n`, form)
        return exitCodes.success
      }),
    showFeeds: (flags, form) =>
      withRegistry(parts, flags, async ({ registry }) => {
        const feeds = await listFeeds(registry.metadata)
        show({ feeds }, renderFeeds(feeds), form)
        return feeds.some(({ failure }) => failure) ? exitCodes.failure : exitCodes.success
      }),
    removeFeed: (flags, feed) =>
      withRegistry(parts, flags, async ({ registry }, config) => {
        await reporting(() => removeFeed(refreshParts(config, registry), feed))
        parts.writeError(`${feed} is forgotten\n`)
        return exitCodes.success
      }),
    listAdvisories: (flags, given, form) =>
      withRegistry(parts, flags, async ({ registry }) => {
        const advisories = await reporting(() => advisoriesOn(registry, given))
        show({ advisories }, renderAdvisories(advisories), form)
        return advisories.length > 0 ? exitCodes.failure : exitCodes.success
      }),
    showAdvisory: (flags, id, form) =>
      withRegistry(parts, flags, async ({ registry }) => {
        const found = await findAdvisoryById(registry.metadata.db, id)
        if (found.length === 0) throw new CommandError(`nothing is known of ${id.slice(0, 100)}`)
        show({ advisories: found }, renderNamed(found), form)
        return exitCodes.success
      }),
    matchAdvisories: (flags, given, form) =>
      withRegistry(parts, flags, async ({ registry }) => {
        const place = await reporting(() => findPlace(registry, given))
        const found: AffectedVersion[] = await Array.fromAsync(affectedVersions(registry, place))
        show({ versions: found }, renderMatches(found), form)
        return found.length > 0 ? exitCodes.failure : exitCodes.success
      }),
    listLicences: (flags, given, form) =>
      withRegistry(parts, flags, async ({ registry }) => {
        const counts = await countLicences(registry, await reporting(() => findPlace(registry, given)))
        show({ licences: counts }, renderLicences(counts), form)
        return exitCodes.success
      }),
  }
}

async function advisoriesOn(registry: RegistryParts, given: GivenSubject): Promise<readonly Advisory[]> {
  const format = parseFormatId(given.format)
  const names = registry.formats.get(format)?.names
  if (!names) throw new CommandError(`format ${format} is not served`)
  const name = names.parsePackage(given.name)
  const known = await findAdvisories(registry.advisories, format, [name])
  if (!known) throw new CommandError(`no advisories on packages of format ${format} were imported`)
  const all = worstFirst(known.get(packageKey(name)) ?? [])
  const { version } = given
  if (version === undefined) return all
  return all.filter(({ affected }) => createAffectedTest(names, affected)(version))
}

async function findPlace({ metadata: { db } }: RegistryParts, { domain, domainOwner, repository }: GivenPlace) {
  const name = parseDomainName(domain)
  const owner = domainOwner === undefined ? await onlyOwner(db, name) : parseAccountId(domainOwner)
  const address = { owner, domain: name }
  if (repository === undefined) return { domainId: (await requireDomain(db, address)).id }
  const found = await requireRepository(db, { ...address, repository: parseRepositoryName(repository) })
  return { domainId: found.domain.id, repositoryId: found.repository.id }
}

async function onlyOwner(db: RegistryParts['metadata']['db'], name: string) {
  const rows = await db.selectFrom('domains').select('owner').where('name', '=', name).limit(2).execute()
  const [only] = rows
  if (!only) throw new CommandError(`there is no domain '${name}'`)
  if (rows.length > 1) throw new CommandError(`several accounts have a domain '${name}': say which with --domain-owner`)
  return parseAccountId(only.owner)
}

/** What the registry refuses, in one line. */
async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RegistryError) throw new CommandError(error.message, exitCodes.failure, error)
    throw error
  }
}
