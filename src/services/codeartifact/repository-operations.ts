import Type from 'typebox'
import { associateConnection, disassociateConnection } from '../../registry/external-connections.ts'
import {
  createRepository,
  deleteRepository,
  describeRepository,
  updateRepository,
} from '../../registry/repositories.ts'
import { listRepositories } from '../../registry/repository-lists.ts'
import { repositoryEndpoint } from './endpoint.ts'
import * as field from './fields.ts'
import { repositoryInput } from './inputs.ts'
import { operation } from './operation.ts'
import { repositoryDescription, repositorySummary } from './responses.ts'
import { accountTarget, repositoryTarget, taggingOf } from './targets.ts'

/** Source: CodeArtifact User Guide, "List repositories". */
const REPOSITORIES_PER_PAGE = 50

const connectionInput = { ...repositoryInput, externalConnection: field.connectionField }

export const repositoryOperations = {
  CreateRepository: operation({
    http: 'POST /v1/repository',
    remark: 'On purpose: upstreams may stand beside external connections.',
    input: {
      ...repositoryInput,
      description: Type.Optional(field.description),
      upstreams: Type.Optional(field.upstreams),
      tags: Type.Optional(field.tags),
    },
    target(input, scope) {
      const target = repositoryTarget(input, scope)
      return { ...target, also: taggingOf(input.tags, target.resource) }
    },
    async run({ registry, caller, address, input: { description = '', upstreams = [], tags = [] } }) {
      const names = upstreams.map(({ repositoryName }) => repositoryName)
      const made = await createRepository(registry, caller, { address, description, upstreams: names, tags })
      return { members: { repository: repositoryDescription(registry.arns, made) } }
    },
  }),
  DescribeRepository: operation({
    http: 'GET /v1/repository',
    input: repositoryInput,
    target: repositoryTarget,
    async run({ registry, address }) {
      const found = await describeRepository(registry, address)
      return { members: { repository: repositoryDescription(registry.arns, found) } }
    },
  }),
  UpdateRepository: operation({
    http: 'PUT /v1/repository',
    remark: 'On purpose: upstreams may stand beside external connections.',
    input: {
      ...repositoryInput,
      description: Type.Optional(field.description),
      upstreams: Type.Optional(field.upstreams),
    },
    target: repositoryTarget,
    async run({ registry, caller, address, input: { description, upstreams } }) {
      const names = upstreams?.map(({ repositoryName }) => repositoryName)
      const updated = await updateRepository(registry, caller, { address, description, upstreams: names })
      return { members: { repository: repositoryDescription(registry.arns, updated) } }
    },
  }),
  DeleteRepository: operation({
    http: 'DELETE /v1/repository',
    input: repositoryInput,
    target: repositoryTarget,
    async run({ registry, caller, address }) {
      const deleted = await deleteRepository(registry, caller, address)
      return { members: { repository: repositoryDescription(registry.arns, deleted) } }
    },
  }),
  ListRepositories: operation({
    http: 'POST /v1/repositories',
    input: { repositoryPrefix: Type.Optional(field.repositoryField('repository-prefix')), ...field.pageFields() },
    target: accountTarget,
    async run({ registry, address, input, page, nextToken }) {
      const filter = { prefix: input.repositoryPrefix }
      const { items, next } = await listRepositories(registry, address, filter, page(REPOSITORIES_PER_PAGE))
      const repositories = items.map((repository) => repositorySummary(registry.arns, repository))
      return { members: { repositories, nextToken: nextToken(next) } }
    },
  }),
  AssociateExternalConnection: operation({
    http: 'POST /v1/repository/external-connection',
    remark: 'On purpose: one for each format, also beside upstreams.',
    input: connectionInput,
    target: repositoryTarget,
    async run({ registry, caller, address, input: { externalConnection: connection } }) {
      const changed = await associateConnection(registry, caller, { address, connection })
      return { members: { repository: repositoryDescription(registry.arns, changed) } }
    },
  }),
  DisassociateExternalConnection: operation({
    http: 'DELETE /v1/repository/external-connection',
    input: connectionInput,
    target: repositoryTarget,
    async run({ registry, caller, address, input: { externalConnection: connection } }) {
      const changed = await disassociateConnection(registry, caller, { address, connection })
      return { members: { repository: repositoryDescription(registry.arns, changed) } }
    },
  }),
  GetRepositoryEndpoint: operation({
    http: 'GET /v1/repository/endpoint',
    remark: '`endpointType` changes nothing: there is one address.',
    input: {
      ...repositoryInput,
      format: field.formatField('format'),
      endpointType: Type.Optional(field.endpointType),
    },
    target: repositoryTarget,
    // We are reached at one address, whatever the family: `endpointType` changes nothing.
    async run({ parts, registry, call, address, input: { format } }) {
      await describeRepository(registry, address)
      const where = { origin: call.origin, domainSuffix: parts.domainSuffix }
      return { members: { repositoryEndpoint: repositoryEndpoint(address, format, where) } }
    },
  }),
}
