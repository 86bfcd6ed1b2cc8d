/**
 * Properties of the toolkit's elements that follow a view's state.
 */
import * as React from 'react';

/**
 * Return the ref of an element whose property always has this value after a render.
 *
 * The toolkit's own wrappers set attributes, which an element ignores once a user has changed it, or set properties after
 * the page is drawn, which may undo a click.
 */
export function useSynced<T extends HTMLElement, K extends keyof T>(property: K, value: T[K]): React.RefObject<T> {
  const element = React.useRef<T>(null);
  React.useLayoutEffect(() => {
    if (element.current && element.current[property] !== value) {
      element.current[property] = value;
    }
  });
  return element;
}
