/**
 * For the `skip` option of a test that needs a real part: says by name what is missing. With
 * `PACKYARD_TEST_REQUIRE=all` a missing part is a failure.
 */
export function skipWithout(part: string, isThere: boolean): string | false {
  if (isThere) return false
  if (process.env.PACKYARD_TEST_REQUIRE === 'all') throw new Error(`${part} is missing, and every part is required`)
  return `${part} is missing`
}
