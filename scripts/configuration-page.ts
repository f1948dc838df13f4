/** Writes docs/configuration.md from the table of settings. */
import { writeFileSync } from 'node:fs'
import { renderConfigurationPage } from '../src/config/page.ts'

writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderConfigurationPage())
