import Type from 'typebox'

/** Source of every limit: KMS service model, shapes of the same name. */

export const keyId = Type.String({ minLength: 1, maxLength: 2048, rule: 'must be 1 to 2048 characters' })

export const givenKeyId = Type.Optional(keyId)

/** In Base64: of at most 4096 bytes, and of what is made of them. */
export const plaintext = Type.String({
  pattern: /^(?:[A-Za-z0-9+/]{4}){0,1365}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/,
  rule: 'must be 1 to 4096 bytes in Base64',
})
export const ciphertext = Type.String({
  pattern: /^[A-Za-z0-9+/]{2,8190}={0,2}$/,
  rule: 'must be 1 to 6144 bytes in Base64',
})

export const encryptionContext = Type.Optional(
  Type.Record(Type.String(), Type.String(), { rule: 'must be an object of texts' }),
)

export const description = Type.String({ maxLength: 8192, rule: 'must be at most 8192 characters' })

export const aliasName = Type.String({
  pattern: /^alias\/[a-zA-Z0-9/_-]{1,250}$/,
  rule: 'must be alias/ and 1 to 250 letters, digits, "/", "_" or "-"',
})

export const policy = Type.String({
  pattern: /^[\t\n\r -ÿ]{1,131072}$/,
  rule: 'must be 1 to 131072 characters of Latin-1',
})

export const policyName = Type.Optional(Type.Literal('default', { rule: 'must be default: a key has one policy' }))

export const flag = Type.Boolean({ rule: 'must be true or false' })

export const limitField = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1000, rule: 'must be a whole number from 1 to 1000' }),
)

export const marker = Type.Optional(Type.String({ rule: 'must be text' }))

export const pendingWindowInDays = Type.Optional(
  Type.Integer({ minimum: 7, maximum: 30, rule: 'must be a whole number from 7 to 30' }),
)

export const rotationPeriodInDays = Type.Optional(
  Type.Integer({ minimum: 90, maximum: 2560, rule: 'must be a whole number from 90 to 2560' }),
)

const tagKey = Type.String({ minLength: 1, maxLength: 128, rule: 'must be 1 to 128 characters' })
const tagValue = Type.String({ maxLength: 256, rule: 'must be at most 256 characters' })

export const tags = Type.Array(Type.Object({ TagKey: tagKey, TagValue: tagValue }), {
  rule: 'must be a list of objects with "TagKey" and "TagValue"',
})

export const tagKeys = Type.Array(tagKey, { rule: 'must be a list of keys' })
