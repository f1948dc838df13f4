import Type, { type Static, type TObject } from 'typebox'
import { packageFromInput } from '../../registry/name-rules.ts'
import { repositoryEndpoint } from '../codeartifact/endpoint.ts'
import { domainTarget, packageTarget, repositoryTarget } from '../codeartifact/targets.ts'
import { explainPackage } from '../../registry/explain-package.ts'
import { searchNames } from '../../registry/search-names.ts'
import { repositoryField } from '../codeartifact/fields.ts'
import { domainInput, formatField, nextPage, pageInput, pageOf, repositoryInput, text } from './fields.ts'
import { operation, type OperationScope } from './operation.ts'

const packageInput = {
  ...repositoryInput,
  format: formatField,
  namespace: Type.Optional(text(255)),
  package: text(255),
}

const restriction = Type.Enum(['ALLOW', 'BLOCK'])

/** Ours. */
const NAMES_PER_PAGE = 25

const packageName = Type.Object({
  format: formatField,
  /** Absent where the package has none. */
  namespace: Type.Optional(Type.String()),
  package: Type.String(),
})

const searchInput = {
  ...domainInput,
  repository: Type.Optional(repositoryField()),
  format: Type.Optional(formatField),
  text: text(255, 0),
  ...pageInput,
}

export const packageOperations = {
  SearchPackages: operation({
    http: 'GET /packyard/v1/packages/search',
    summary:
      'Finds packages by any piece of their name, those that begin so first; a page may be short with more behind it. In ' +
      'one repository it needs codeartifact:ListPackages there instead.',
    action: 'none',
    input: searchInput,
    output: pageOf('packages', packageName),
    target: searchTarget,
    async run({ registry, input: { text: wanted, format }, address, page, nextToken }) {
      const { items, next } = await searchNames(registry, { address, text: wanted, format }, page(NAMES_PER_PAGE))
      const packages = items.map(({ format: id, namespace, name }) => ({
        format: id,
        ...(namespace !== '' && { namespace }),
        package: name,
      }))
      return { packages, ...nextPage(nextToken(next)) }
    },
  }),
  GetPackageExplanation: operation({
    http: 'GET /packyard/v1/packages/explanation',
    summary:
      'Says why a repository sees of a package what it sees, hop by hop, whoever may read the repositories on the way.',
    input: { ...packageInput, version: Type.Optional(text(255)) },
    output: Type.Object({
      group: Type.Object({ pattern: Type.String(), associationType: Type.Enum(['STRONG', 'WEAK']) }),
      hops: Type.Array(
        Type.Object({
          repository: Type.String(),
          restrictions: Type.Optional(Type.Object({ publish: restriction, upstream: restriction })),
          versions: Type.Array(Type.String()),
          notes: Type.Array(Type.String()),
        }),
      ),
      /** What rules say of each version, or of the one asked for. */
      governance: Type.Array(Type.String()),
      verdict: Type.Optional(Type.String()),
    }),
    target: packageTarget,
    async run({ registry, input: { format, namespace, package: name, version }, address }) {
      const meant = packageFromInput(registry, format, namespace, name)
      const { group, hops, governance, verdict } = await explainPackage(registry, {
        address,
        format,
        name: meant,
        version,
      })
      const shown = hops.map(({ restrictions, ...hop }) => ({
        ...hop,
        versions: [...hop.versions],
        notes: [...hop.notes],
        ...(restrictions && { restrictions }),
      }))
      return { group, hops: shown, governance: [...governance], ...(verdict !== undefined && { verdict }) }
    },
  }),
  GetConnectionInstructions: operation({
    http: 'GET /packyard/v1/connection-instructions',
    summary: 'Gives the lines that connect the clients of a format to a repository.',
    action: 'codeartifact:GetRepositoryEndpoint',
    input: { ...repositoryInput, format: formatField },
    output: Type.Object({
      endpoint: Type.String(),
      steps: Type.Array(
        Type.Object({
          title: Type.String(),
          /** Lines to paste into a shell, or the text of the file named by `file`. */
          text: Type.String(),
          file: Type.Optional(Type.String()),
        }),
      ),
    }),
    target: repositoryTarget,
    async run({ parts, call, input: { format }, address }) {
      const endpoint = repositoryEndpoint(address, format, { origin: call.origin, domainSuffix: parts.domainSuffix })
      return { endpoint, steps: parts.setupSteps(format, new URL(endpoint)).map((step) => ({ ...step })) }
    },
  }),
}

type SearchInput = Static<TObject<typeof searchInput>>

/** Whoever may list a repository may search it; the names of a whole domain are a permission of their own. */
function searchTarget({ repository, ...domain }: SearchInput, scope: OperationScope) {
  if (repository === undefined) {
    const { address, resource } = domainTarget(domain, scope)
    return { address, resource, also: [{ action: 'packyard:SearchPackages', resource }] }
  }
  const { address, resource } = repositoryTarget({ ...domain, repository }, scope)
  return { address, resource, also: [{ action: 'codeartifact:ListPackages', resource }] }
}
