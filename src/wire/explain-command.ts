import type { ExplainCommands, GivenPackage } from '../cli/explain-program.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { GivenFlags } from '../cli/program.ts'
import type { Config } from '../config.ts'
import { RegistryError } from '../registry/errors.ts'
import { explainPackage, type PackageExplanation } from '../registry/explain-package.ts'
import { parseAccountId, parseDomainName, parseFormatId, parseRepositoryName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { openRegistry } from './registry.ts'

export interface ExplainCommandParts {
  loadConfig(flags: GivenFlags): Promise<Config>
  readonly writeOut: (text: string) => void
}

/** Works on the installation itself, beside a server that may be running. */
export function createExplainCommands({ loadConfig, writeOut }: ExplainCommandParts): ExplainCommands {
  return {
    async explainPackage(flags, given, form) {
      const opened = await openRegistry(await loadConfig(flags), memoryLocks())
      try {
        const explanation = await explain(opened.registry, given)
        writeOut(form === 'json' ? `${JSON.stringify(explanation, undefined, 2)}\n` : render(explanation))
        return exitCodes.success
      } catch (error) {
        if (error instanceof RegistryError) throw new CommandError(error.message, exitCodes.failure, error)
        throw error
      } finally {
        await opened.close()
      }
    },
  }
}

async function explain(registry: RegistryParts, given: GivenPackage): Promise<PackageExplanation> {
  const domain = parseDomainName(given.domain)
  const owner = given.domainOwner === undefined ? await findOwner(registry, domain) : parseAccountId(given.domainOwner)
  const address = { owner, domain, repository: parseRepositoryName(given.repository) }
  return explainPackage(registry, {
    address,
    format: parseFormatId(given.format),
    name: given.name,
    version: given.version,
  })
}

async function findOwner({ metadata }: RegistryParts, domain: string) {
  const rows = await metadata.db.selectFrom('domains').select('owner').where('name', '=', domain).limit(2).execute()
  const [only] = rows
  if (!only) throw new CommandError(`there is no domain '${domain}'`)
  if (rows.length > 1)
    throw new CommandError(`several accounts have a domain '${domain}': say which with --domain-owner`)
  return parseAccountId(only.owner)
}

function render({ repository, package: name, group, hops, governance, verdict }: PackageExplanation): string {
  const shown = name.namespace === '' ? name.name : `${name.namespace}/${name.name}`
  const weak = group.associationType === 'WEAK' ? ', which it only looks like' : ''
  const lines = hops.flatMap((hop, index) => [
    `${index + 1}. ${hop.repository}: ${
      hop.restrictions
        ? `publish ${hop.restrictions.publish}, upstream ${hop.restrictions.upstream}`
        : 'no record of the package'
    }`,
    ...hop.versions.map((version) => `   ${version}`),
    ...hop.notes.map((note) => `   ${note}`),
  ])
  const head = `${name.format} package ${shown} as repository ${repository} sees it, in package group ${group.pattern}${weak}`
  return [head, ...lines, ...governance, ...(verdict === undefined ? [] : [verdict]), ''].join('\n')
}
