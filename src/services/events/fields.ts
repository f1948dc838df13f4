import Type, { type TSchema } from 'typebox'

/** Source of every limit: EventBridge service model, shapes of the same name. */

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema)

const nameRule = 'must be 1 to 64 letters, digits, ".", "_" or "-"'
export const name = Type.String({ pattern: /^[.\-_A-Za-z0-9]{1,64}$/, rule: nameRule })
export const namePrefix = optional(name)
export const targetId = Type.String({ pattern: /^[.\-_A-Za-z0-9]{1,64}$/, rule: nameRule })

/** A name or an ARN. */
export const busName = optional(Type.String({ maxLength: 1600, rule: 'must be at most 1600 characters' }))

export const arn = Type.String({ minLength: 1, maxLength: 1600, rule: 'must be an ARN of at most 1600 characters' })
export const description = optional(Type.String({ maxLength: 512, rule: 'must be at most 512 characters' }))
export const pattern = Type.String({ rule: 'must be text' })
export const state = optional(Type.Enum(['ENABLED', 'DISABLED'], { rule: 'must be ENABLED or DISABLED' }))
export const flag = optional(Type.Boolean({ rule: 'must be true or false' }))
export const text = optional(Type.String({ rule: 'must be text' }))
export const ids = Type.Array(targetId, { minItems: 1, maxItems: 100, rule: 'must be a list of 1 to 100 ids' })

export const limit = optional(Type.Integer({ minimum: 1, maximum: 100, rule: 'must be a whole number from 1 to 100' }))
export const nextToken = optional(Type.String({ rule: 'must be text' }))

const tagKey = Type.String({ minLength: 1, maxLength: 128, rule: 'must be 1 to 128 characters' })
const tagValue = Type.String({ maxLength: 256, rule: 'must be at most 256 characters' })
export const tags = Type.Array(Type.Object({ Key: tagKey, Value: tagValue }), {
  rule: 'must be a list of objects with "Key" and "Value"',
})
export const tagKeys = Type.Array(tagKey, { rule: 'must be a list of keys' })

const texts = optional(Type.Record(Type.String(), Type.String(), { rule: 'must map names to text' }))

export const targets = Type.Array(
  Type.Object({
    Id: targetId,
    Arn: arn,
    RoleArn: optional(arn),
    Input: optional(Type.String({ maxLength: 8192, rule: 'must be at most 8192 characters' })),
    InputPath: optional(Type.String({ maxLength: 256, rule: 'must be at most 256 characters' })),
    InputTransformer: optional(
      Type.Object({
        InputPathsMap: texts,
        InputTemplate: Type.String({ minLength: 1, maxLength: 8192, rule: 'must be 1 to 8192 characters' }),
      }),
    ),
    HttpParameters: optional(
      Type.Object({
        PathParameterValues: optional(Type.Array(Type.String())),
        HeaderParameters: texts,
        QueryStringParameters: texts,
      }),
    ),
    SqsParameters: optional(Type.Object({ MessageGroupId: text })),
    RetryPolicy: optional(
      Type.Object({
        MaximumRetryAttempts: optional(
          Type.Integer({ minimum: 0, maximum: 185, rule: 'must be a whole number from 0 to 185' }),
        ),
        MaximumEventAgeInSeconds: optional(
          Type.Integer({ minimum: 60, maximum: 86_400, rule: 'must be a whole number from 60 to 86400' }),
        ),
      }),
    ),
  }),
  { minItems: 1, maxItems: 100, rule: 'must be a list of 1 to 100 targets with "Id" and "Arn"' },
)

export const kind = Type.Enum(['API_KEY', 'BASIC', 'OAUTH_CLIENT_CREDENTIALS'], {
  rule: 'must be API_KEY, BASIC or OAUTH_CLIENT_CREDENTIALS',
})

const secretText = Type.String({ minLength: 1, maxLength: 512, rule: 'must be 1 to 512 characters' })
const parameters = optional(
  Type.Array(Type.Object({ Key: secretText, Value: secretText, IsValueSecret: flag }), {
    maxItems: 100,
    rule: 'must be a list of at most 100 objects with "Key" and "Value"',
  }),
)

const httpParameters = optional(
  Type.Object({ HeaderParameters: parameters, QueryStringParameters: parameters, BodyParameters: parameters }),
)

export const authParameters = Type.Object(
  {
    ApiKeyAuthParameters: optional(Type.Object({ ApiKeyName: secretText, ApiKeyValue: secretText })),
    BasicAuthParameters: optional(Type.Object({ Username: secretText, Password: secretText })),
    OAuthParameters: optional(
      Type.Object({
        ClientParameters: Type.Object({ ClientID: secretText, ClientSecret: secretText }),
        AuthorizationEndpoint: Type.String({ minLength: 1, maxLength: 2048, rule: 'must be 1 to 2048 characters' }),
        HttpMethod: Type.Enum(['GET', 'POST', 'PUT'], { rule: 'must be GET, POST or PUT' }),
        OAuthHttpParameters: httpParameters,
      }),
    ),
    InvocationHttpParameters: httpParameters,
  },
  { rule: 'must be an object with the parameters of the AuthorizationType' },
)

export const endpoint = Type.String({ minLength: 1, maxLength: 2048, rule: 'must be 1 to 2048 characters' })
export const method = Type.Enum(['POST', 'PUT', 'PATCH'], {
  rule: 'must be POST, PUT or PATCH: events are sent, and nothing is asked for',
})
export const perSecond = optional(
  Type.Integer({ minimum: 1, maximum: 300, rule: 'must be a whole number from 1 to 300' }),
)
