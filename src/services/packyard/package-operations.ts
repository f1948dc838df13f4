import Type from 'typebox'
import { packageFromInput } from '../../registry/name-rules.ts'
import { repositoryEndpoint } from '../codeartifact/endpoint.ts'
import { packageTarget, repositoryTarget } from '../codeartifact/targets.ts'
import { explainPackage } from '../../registry/explain-package.ts'
import { formatField, repositoryInput, text } from './fields.ts'
import { operation } from './operation.ts'

const packageInput = {
  ...repositoryInput,
  format: formatField,
  namespace: Type.Optional(text(255)),
  package: text(255),
}

const restriction = Type.Enum(['ALLOW', 'BLOCK'])

export const packageOperations = {
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
      verdict: Type.Optional(Type.String()),
    }),
    target: packageTarget,
    async run({ registry, input: { format, namespace, package: name, version }, address }) {
      const meant = packageFromInput(registry, format, namespace, name)
      const { group, hops, verdict } = await explainPackage(registry, { address, format, name: meant, version })
      const shown = hops.map(({ restrictions, ...hop }) => ({
        ...hop,
        versions: [...hop.versions],
        notes: [...hop.notes],
        ...(restrictions && { restrictions }),
      }))
      return { group, hops: shown, ...(verdict !== undefined && { verdict }) }
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
