import { type Call, HttpError, type Plane } from './call.ts'
import { renderPlainError } from './plain-error.ts'

/**
 * A plane that takes long to load. Until it has, it answers for every call that `mayMatch`, which is every one unless
 * said: then it must stand last. A load that failed is tried again by the next call.
 */
export function createLazyPlane(
  name: string,
  open: () => Promise<Plane>,
  mayMatch: Plane['matches'] = () => true,
): Plane {
  let loaded: Plane | undefined
  let loading: Promise<Plane> | undefined
  const load = () => {
    loading ??= open().then(
      (plane) => {
        loaded = plane
        return plane
      },
      (error: unknown) => {
        loading = undefined
        throw error
      },
    )
    return loading
  }
  const answer = (plane: Plane, call: Call) => {
    if (plane.matches(call)) return plane.handle(call)
    throw new HttpError(404, `there is nothing at ${call.path.slice(0, 200)}`)
  }
  return {
    name,
    matches: (call) => mayMatch(call) && (loaded === undefined || loaded.matches(call)),
    handle: (call) => (loaded ? loaded.handle(call) : load().then((plane) => answer(plane, call))),
    renderError: (error, call) => {
      return loaded?.matches(call) ? loaded.renderError(error, call) : renderPlainError(error, call)
    },
  }
}
