import Type from 'typebox'
import { epochSeconds } from '../../aws/rest-json.ts'
import { type EventConnection, findConnection } from '../../journal/bus/connections.ts'
import {
  deleteDestination,
  type EventDestination,
  findDestination,
  listDestinations,
  putDestination,
} from '../../journal/bus/destinations.ts'
import { RegistryError } from '../../registry/errors.ts'
import { CodedError } from '../coded-error.ts'
import { checkEndpoint } from './auth-parameters.ts'
import * as field from './fields.ts'
import { type EventsCall, eventsOperation } from './operation.ts'

/** Requests. Source: EventBridge API Reference, `InvocationRateLimitPerSecond`. */
const PER_SECOND = 300

const name = { Name: field.name }

export const destinationOperations = {
  CreateApiDestination: eventsOperation({
    input: {
      ...name,
      Description: field.description,
      ConnectionArn: field.arn,
      InvocationEndpoint: field.endpoint,
      HttpMethod: field.method,
      InvocationRateLimitPerSecond: field.perSecond,
    },
    async run(call) {
      const { registry, account, input } = call
      await call.authorize(call.arn(`api-destination/${input.Name}`))
      checkEndpoint('InvocationEndpoint', input.InvocationEndpoint)
      const connection = await requireNamed(call, input.ConnectionArn)
      const now = registry.clock()
      const destination: EventDestination = {
        id: registry.randomId(),
        account,
        name: input.Name,
        description: input.Description,
        connectionId: connection.id,
        connectionName: connection.name,
        endpoint: input.InvocationEndpoint,
        method: input.HttpMethod,
        perSecond: input.InvocationRateLimitPerSecond ?? PER_SECOND,
        createdAt: now,
        updatedAt: now,
      }
      await call.change(shownOf(destination), async (write) => {
        if (await findDestination(write.tx, account, input.Name)) {
          throw new CodedError('ResourceAlreadyExistsException', `An api-destination '${input.Name}' already exists.`)
        }
        await putDestination(write, destination)
      })
      return changedMembers(call, destination)
    },
  }),
  UpdateApiDestination: eventsOperation({
    input: {
      ...name,
      Description: field.description,
      ConnectionArn: Type.Optional(field.arn),
      InvocationEndpoint: Type.Optional(field.endpoint),
      HttpMethod: Type.Optional(field.method),
      InvocationRateLimitPerSecond: field.perSecond,
    },
    async run(call) {
      const { input, registry } = call
      const before = await requireDestination(call)
      if (input.InvocationEndpoint !== undefined) checkEndpoint('InvocationEndpoint', input.InvocationEndpoint)
      const connection = input.ConnectionArn === undefined ? undefined : await requireNamed(call, input.ConnectionArn)
      const destination: EventDestination = {
        ...before,
        description: input.Description ?? before.description,
        endpoint: input.InvocationEndpoint ?? before.endpoint,
        method: input.HttpMethod ?? before.method,
        perSecond: input.InvocationRateLimitPerSecond ?? before.perSecond,
        updatedAt: registry.clock(),
        ...(connection && { connectionId: connection.id, connectionName: connection.name }),
      }
      await call.change(shownOf(destination), (write) => putDestination(write, destination))
      return changedMembers(call, destination)
    },
  }),
  DescribeApiDestination: eventsOperation({
    input: name,
    async run(call) {
      const destination = await requireDestination(call)
      return { ...members(call, destination), Description: destination.description }
    },
  }),
  DeleteApiDestination: eventsOperation({
    input: name,
    async run(call) {
      const destination = await requireDestination(call)
      await call.change({ name: destination.name }, (write) => deleteDestination(write, destination.id))
      return {}
    },
  }),
  ListApiDestinations: eventsOperation({
    input: {
      NamePrefix: field.namePrefix,
      ConnectionArn: Type.Optional(field.arn),
      Limit: field.limit,
      NextToken: field.nextToken,
    },
    async run(call) {
      const { registry, account, input } = call
      await call.authorize(call.arn('api-destination/*'))
      const connection = input.ConnectionArn === undefined ? undefined : await requireNamed(call, input.ConnectionArn)
      const { after, limit } = call.page(input.Limit, input.NextToken)
      const filter = { account, prefix: input.NamePrefix, after, limit: limit + 1 }
      const { items, next } = call.paged(await listDestinations(registry.metadata.db, filter, connection?.id), limit)
      return { ApiDestinations: items.map((each) => members(call, each)), ...next }
    },
  }),
}

/** Throws `AccessDeniedError` or `missing`. */
async function requireDestination(call: EventsCall<{ readonly Name: string }>): Promise<EventDestination> {
  await call.authorize(call.arn(`api-destination/${call.input.Name}`))
  const found = await findDestination(call.registry.metadata.db, call.account, call.input.Name)
  if (found) return found
  throw new RegistryError('missing', `An api-destination '${call.input.Name}' does not exist.`)
}

/** The connection of an ARN. Throws `missing`. */
async function requireNamed(call: EventsCall<unknown>, arn: string): Promise<EventConnection> {
  const prefix = call.arn('connection/')
  const [connectionName = '', id] = arn.startsWith(prefix) ? arn.slice(prefix.length).split('/') : []
  const found = await findConnection(call.registry.metadata.db, call.parts.seals, call.account, connectionName)
  if (found && found.id === id) return found
  throw new RegistryError('missing', `Connection '${arn.slice(0, 200)}' does not exist.`)
}

function shownOf({ name: shownName, endpoint, method }: EventDestination) {
  return { name: shownName, invocationEndpoint: endpoint, httpMethod: method }
}

function changedMembers({ arn }: EventsCall<unknown>, destination: EventDestination) {
  return {
    ApiDestinationArn: arn(`api-destination/${destination.name}/${destination.id}`),
    ApiDestinationState: 'ACTIVE',
    CreationTime: epochSeconds(destination.createdAt),
    LastModifiedTime: epochSeconds(destination.updatedAt),
  }
}

function members(call: EventsCall<unknown>, destination: EventDestination) {
  return {
    ...changedMembers(call, destination),
    Name: destination.name,
    ConnectionArn: call.arn(`connection/${destination.connectionName}/${destination.connectionId}`),
    InvocationEndpoint: destination.endpoint,
    HttpMethod: destination.method,
    InvocationRateLimitPerSecond: destination.perSecond,
  }
}
