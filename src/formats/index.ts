import type { Format } from './format.ts'
import { generic } from './generic/format.ts'
import { npm } from './npm/format.ts'

/** Every format that is served, one line each. */
export const formats: readonly Format[] = [npm, generic]
