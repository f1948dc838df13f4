import { oidcProviders } from './oidc-providers.ts'
import { setting } from './setting.ts'
import { integer } from './values.ts'

/** How people sign in to the console, and for how long. */
export const consoleSettings = {
  consoleSignIn: setting(oidcProviders(), {
    about:
      'OpenID providers at which people sign in to the console, by name, each with a role; JSON in the environment.',
    env: 'PACKYARD_CONSOLE_SIGN_IN',
    default: new Map(),
    defaultText: 'none: an access key signs in',
    display: 'secret',
  }),
  consoleIdleSeconds: setting(integer(60, 86_400), {
    about: 'How long a session of the console stands that nobody uses, in seconds.',
    env: 'PACKYARD_CONSOLE_IDLE_SECONDS',
    flag: '--console-idle-seconds',
    default: 1800,
  }),
  consoleSessionSeconds: setting(integer(900, 43_200), {
    about: 'How long a session of the console stands at most, in seconds.',
    env: 'PACKYARD_CONSOLE_SESSION_SECONDS',
    flag: '--console-session-seconds',
    default: 43_200,
  }),
}
