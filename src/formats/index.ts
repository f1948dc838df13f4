import type { Format } from './format.ts'
import { cargo } from './cargo/format.ts'
import { generic } from './generic/format.ts'
import { maven } from './maven/format.ts'
import { npm } from './npm/format.ts'
import { nuget } from './nuget/format.ts'
import { pypi } from './pypi/format.ts'
import { ruby } from './ruby/format.ts'
import { swift } from './swift/format.ts'

/** Every format that is served, one line each. */
export const formats: readonly Format[] = [npm, pypi, maven, nuget, cargo, ruby, swift, generic]
