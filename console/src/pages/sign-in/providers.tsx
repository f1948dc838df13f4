import Button from '@cloudscape-design/components/button'
import { useEffect, useState } from 'react'
import { listSignInProviders, providerAddress, type SignInProvider } from '../../api/session.ts'

/** The other ways to sign in that this server was told of. When they cannot be asked for, the access key is there. */
export function Providers({ returnTo }: { readonly returnTo: string }) {
  const [providers, setProviders] = useState<readonly SignInProvider[]>([])
  useEffect(() => {
    listSignInProviders().then(setProviders, () => setProviders([]))
  }, [])
  return providers.map((provider) => (
    <Button key={provider.name} href={providerAddress(provider, returnTo)} fullWidth>
      Sign in with {provider.label}
    </Button>
  ))
}
