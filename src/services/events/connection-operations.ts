import Type from 'typebox'
import { epochSeconds } from '../../aws/rest-json.ts'
import {
  type ConnectionKind,
  deleteConnection,
  type EventConnection,
  findConnection,
  isConnectionUsed,
  listConnections,
  putConnection,
} from '../../journal/bus/connections.ts'
import { makeSigningSecret, rotateSecrets } from '../../jobs/events/webhook-signature.ts'
import { refused, RegistryError } from '../../registry/errors.ts'
import { CodedError } from '../coded-error.ts'
import { type AuthParameters, readAuthParameters } from './auth-parameters.ts'
import * as field from './fields.ts'
import { type EventsCall, eventsOperation } from './operation.ts'

const name = { Name: field.name }

export const connectionOperations = {
  CreateConnection: eventsOperation({
    input: {
      ...name,
      Description: field.description,
      AuthorizationType: field.kind,
      AuthParameters: field.authParameters,
    },
    async run(call) {
      const { registry, account, input, parts } = call
      await call.authorize(call.arn(`connection/${input.Name}`))
      const now = registry.clock()
      const read = readAuthParameters(input.AuthorizationType, input.AuthParameters)
      const signing = [{ secret: read.signingSecret ?? makeSigningSecret(parts.randomBytes) }]
      const connection: EventConnection = {
        id: registry.randomId(),
        account,
        name: input.Name,
        description: input.Description,
        kind: input.AuthorizationType,
        shown: read.shown,
        secrets: { ...read.secrets, signing },
        createdAt: now,
        updatedAt: now,
      }
      await call.change(shownOf(connection), async (write) => {
        if (await findConnection(write.tx, parts.seals, account, input.Name)) {
          throw new CodedError('ResourceAlreadyExistsException', `Connection ${input.Name} already exists.`)
        }
        await putConnection(write, parts.seals, connection)
      })
      return summary(call, connection)
    },
  }),
  UpdateConnection: eventsOperation({
    input: {
      ...name,
      Description: field.description,
      AuthorizationType: Type.Optional(field.kind),
      AuthParameters: Type.Optional(field.authParameters),
    },
    async run(call) {
      const { input, parts } = call
      const before = await requireConnection(call)
      const { AuthorizationType: kind = before.kind, Description: description = before.description } = input
      if (kind !== before.kind && !input.AuthParameters) throw refused(`AuthParameters for ${kind} must be given`)
      const changed = { ...before, description, updatedAt: call.registry.clock(), kind }
      const connection = withParameters(changed, kind, input.AuthParameters)
      await call.change(shownOf(connection), (write) => putConnection(write, parts.seals, connection))
      return summary(call, connection)
    },
  }),
  DescribeConnection: eventsOperation({
    input: name,
    async run(call) {
      const connection = await requireConnection(call)
      const { description: Description, shown: AuthParameters } = connection
      return { ...summary(call, connection), Name: connection.name, Description, AuthParameters }
    },
  }),
  DeauthorizeConnection: eventsOperation({
    input: name,
    async run(call) {
      await requireConnection(call)
      throw refused('DeauthorizeConnection is not served here: update the connection, or delete it')
    },
  }),
  DeleteConnection: eventsOperation({
    input: name,
    async run(call) {
      const connection = await requireConnection(call)
      await call.change({ name: connection.name }, async (write) => {
        if (await isConnectionUsed(write.tx, connection.id)) {
          throw new CodedError('ConflictException', `Connection ${connection.name} is used by an API destination.`)
        }
        await deleteConnection(write, connection.id)
      })
      return { ...summary(call, connection), ConnectionState: 'DELETING' }
    },
  }),
  ListConnections: eventsOperation({
    input: {
      NamePrefix: field.namePrefix,
      ConnectionState: field.text,
      Limit: field.limit,
      NextToken: field.nextToken,
    },
    async run(call) {
      const { registry, account, input, parts } = call
      await call.authorize(call.arn('connection/*'))
      const { after, limit } = call.page(input.Limit, input.NextToken)
      const filter = { account, prefix: input.NamePrefix, after, limit: limit + 1 }
      const { items, next } = call.paged(await listConnections(registry.metadata.db, parts.seals, filter), limit)
      return { Connections: items.map((each) => ({ ...summary(call, each), Name: each.name })), ...next }
    },
  }),
}

/** A new signing secret takes over from the one before, which signs beside it for a while. */
function withParameters(before: EventConnection, kind: ConnectionKind, given: AuthParameters | undefined) {
  if (!given) return before
  const read = readAuthParameters(kind, given)
  const { signing } = before.secrets
  const rotated =
    read.signingSecret === undefined ? signing : rotateSecrets(signing, read.signingSecret, before.updatedAt)
  return { ...before, shown: read.shown, secrets: { ...read.secrets, signing: rotated } }
}

/** Throws `AccessDeniedError` or `missing`. */
async function requireConnection(call: EventsCall<{ readonly Name: string }>): Promise<EventConnection> {
  const { input, registry, account, parts } = call
  await call.authorize(call.arn(`connection/${input.Name}`))
  const found = await findConnection(registry.metadata.db, parts.seals, account, input.Name)
  if (found) return found
  throw new RegistryError('missing', `Connection '${input.Name}' does not exist.`)
}

function shownOf({ name: shownName, kind }: EventConnection) {
  return { name: shownName, authorizationType: kind }
}

function summary({ arn }: EventsCall<unknown>, connection: EventConnection) {
  return {
    ConnectionArn: arn(`connection/${connection.name}/${connection.id}`),
    ConnectionState: 'AUTHORIZED',
    AuthorizationType: connection.kind,
    CreationTime: epochSeconds(connection.createdAt),
    LastModifiedTime: epochSeconds(connection.updatedAt),
    LastAuthorizedTime: epochSeconds(connection.updatedAt),
  }
}
