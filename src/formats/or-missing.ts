import { RegistryError } from '../registry/errors.ts'

/** For who only reads, what cannot be a name or a version is one that is not there. `parse` throws `invalid`. */
export function orMissing<Parsed>(parse: () => Parsed): Parsed {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'invalid') throw error
    throw new RegistryError('missing', `there is nothing here: ${error.message}`, { cause: error })
  }
}
