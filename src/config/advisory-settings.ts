import { setting } from './setting.ts'
import { feedAddresses, integer } from './values.ts'

/** Where known vulnerabilities come from. */
export const advisorySettings = {
  advisorySources: setting(feedAddresses(), {
    about:
      'Where known vulnerabilities are read: addresses or absolute paths of OSV records, as a zip, a folder or a JSON ' +
      'file, with commas between them; see docs/advisories.md.',
    env: 'PACKYARD_ADVISORY_SOURCES',
    default: [],
    defaultText: 'none; `packyard advisories import` reads them by hand',
    display: 'secret',
  }),
  advisoryHours: setting(integer(1, 168), {
    about: 'How often these sources are asked whether they have changed, in hours.',
    env: 'PACKYARD_ADVISORY_HOURS',
    flag: '--advisory-hours',
    default: 6,
  }),
} as const
