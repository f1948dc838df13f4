import { epochSeconds } from '../../aws/rest-json.ts'
import { keyArn } from '../../registry/encryption-key.ts'
import { changeKey, type KeyChange } from '../../registry/encryption-key-changes.ts'
import type { EncryptionKey } from '../../registry/encryption-keys.ts'
import { CodedError } from '../coded-error.ts'
import * as field from './fields.ts'
import { type KmsCall, kmsOperation, refuseManaged, refusePending } from './operation.ts'

const DAY_MS = 86_400_000
/** Unit: days. Source: KMS API Reference, "ScheduleKeyDeletion". */
const PENDING_DAYS = 30
/** Unit: days. Source: KMS API Reference, "EnableKeyRotation". */
const ROTATION_DAYS = 365

export const stateOperations = {
  EnableKey: kmsOperation({
    input: { KeyId: field.keyId },
    run: (call) => change(call, 'EnableKey', () => ({ state: 'Enabled' })),
  }),
  DisableKey: kmsOperation({
    input: { KeyId: field.keyId },
    run: (call) => change(call, 'DisableKey', () => ({ state: 'Disabled' })),
  }),
  EnableKeyRotation: kmsOperation({
    input: { KeyId: field.keyId, RotationPeriodInDays: field.rotationPeriodInDays },
    run: (call) =>
      change(call, 'EnableKeyRotation', (key) => {
        refuseDisabled(key)
        return { rotation_days: call.input.RotationPeriodInDays ?? ROTATION_DAYS }
      }),
  }),
  DisableKeyRotation: kmsOperation({
    input: { KeyId: field.keyId },
    run: (call) =>
      change(call, 'DisableKeyRotation', (key) => {
        refuseDisabled(key)
        return { rotation_days: null }
      }),
  }),
  GetKeyRotationStatus: kmsOperation({
    input: { KeyId: field.keyId },
    async run({ registry, keyOf, input }) {
      const { account, id, rotationDays: days, createdAt } = await keyOf(input.KeyId)
      const answer = { KeyId: keyArn(registry.arns, account, id), KeyRotationEnabled: days !== undefined }
      if (days === undefined) return answer
      const periods = Math.floor((registry.clock() - createdAt) / (days * DAY_MS)) + 1
      const NextRotationDate = epochSeconds(createdAt + periods * days * DAY_MS)
      return { ...answer, RotationPeriodInDays: days, NextRotationDate }
    },
  }),
  ScheduleKeyDeletion: kmsOperation({
    input: { KeyId: field.keyId, PendingWindowInDays: field.pendingWindowInDays },
    async run(call) {
      const { registry, caller, keyOf, input } = call
      const key = await keyOf(input.KeyId)
      refuseManaged(call, key)
      refusePending(registry, key)
      const days = input.PendingWindowInDays ?? PENDING_DAYS
      const deletionAt = registry.clock() + days * DAY_MS
      const set = { state: 'PendingDeletion', deletion_at: deletionAt } as const
      await changeKey(registry, caller, { operation: 'ScheduleKeyDeletion', key, set })
      return {
        KeyId: keyArn(registry.arns, key.account, key.id),
        DeletionDate: epochSeconds(deletionAt),
        KeyState: 'PendingDeletion',
        PendingWindowInDays: days,
      }
    },
  }),
  CancelKeyDeletion: kmsOperation({
    input: { KeyId: field.keyId },
    async run({ registry, caller, keyOf, input }) {
      const key = await keyOf(input.KeyId)
      const KeyId = keyArn(registry.arns, key.account, key.id)
      if (key.state !== 'PendingDeletion') {
        throw new CodedError('KMSInvalidStateException', `${KeyId} is not pending deletion.`)
      }
      // Enabling it is another decision. Source: KMS API Reference, "CancelKeyDeletion".
      const set = { state: 'Disabled', deletion_at: null } as const
      await changeKey(registry, caller, { operation: 'CancelKeyDeletion', key, set })
      return { KeyId }
    },
  }),
}

async function change(
  call: KmsCall<{ readonly KeyId: string }>,
  operation: string,
  setOf: (key: EncryptionKey) => KeyChange['set'],
): Promise<object> {
  const { registry, caller, keyOf, input } = call
  const key = await keyOf(input.KeyId)
  refuseManaged(call, key)
  refusePending(registry, key)
  await changeKey(registry, caller, { operation, key, set: setOf(key) })
  return {}
}

function refuseDisabled({ id, state }: EncryptionKey): void {
  if (state === 'Disabled') throw new CodedError('DisabledException', `Key '${id}' is disabled.`)
}
