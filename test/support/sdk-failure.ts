import assert from 'node:assert/strict'
import { CodeartifactServiceException } from '@aws-sdk/client-codeartifact'

/** What the SDK throws for a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<CodeartifactServiceException> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof CodeartifactServiceException, `the call should have failed: ${String(error)}`)
  return error
}
