import type { Format } from '../format.ts'
import { renderError } from './errors.ts'
import { genericContent } from './inspect.ts'
import { genericNames } from './names.ts'
import { genericRoutes } from './routes.ts'
import { setup } from './setup.ts'

/** Files under a name and a version; published by PublishPackageVersion or by a plain PUT. */
export const generic: Format = {
  id: 'generic',
  publishOperation: 'accepted',
  growth: 'until published',
  upstreams: 'ignored',
  names: genericNames,
  routes: genericRoutes,
  ...genericContent,
  renderError,
  challenge: (realm) => `Bearer realm="${realm}", Basic realm="${realm}"`,
  setup,
}
