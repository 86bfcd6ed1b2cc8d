/**
 * Makes the lists of checkboxes among a notebook's widgets behave as comboboxes do: the kernel draws them with ipywidgets, whose
 * button opens and closes them; see kernel/widgets/multiselect.py.
 */
import { DisposableDelegate, IDisposable } from '@lumino/disposable';

/** A list with its button, once both are drawn. */
const FRAME = '.dbx-multi:has(> button)';

/** What the arrow keys move through. */
const STOPS = 'input[type="text"], input[type="checkbox"]';

/** Close lists of an element when the user leaves them, and let keys open, close and walk them. */
export function handleMultiselects(root: HTMLElement): IDisposable {
  const closeOthers = (target: EventTarget | null) => {
    for (const frame of root.querySelectorAll<HTMLElement>(FRAME)) {
      if (isOpen(frame) && !frame.contains(target as Node)) {
        buttonOf(frame).click();
      }
    }
  };
  const onPointerDown = (event: PointerEvent) => closeOthers(event.target);
  const describer = new MutationObserver(() => root.querySelectorAll<HTMLElement>(FRAME).forEach(describe));
  describer.observe(root, { subtree: true, childList: true, attributeFilter: ['class'] });
  document.addEventListener('pointerdown', onPointerDown, true);
  root.addEventListener('focusin', event => closeOthers(event.target));
  root.addEventListener('keydown', onKey, true); // ipywidgets' text fields keep it to themselves
  return new DisposableDelegate(() => {
    document.removeEventListener('pointerdown', onPointerDown, true);
    describer.disconnect();
  });
}

function buttonOf(frame: HTMLElement): HTMLElement {
  return frame.querySelector<HTMLElement>(':scope > button')!;
}

function isOpen(frame: HTMLElement): boolean {
  return buttonOf(frame).classList.contains('mod-active');
}

/** Say what ipywidgets does not: the button's label, and whether its list is open. */
function describe(frame: HTMLElement): void {
  const button = buttonOf(frame);
  const attributes = { 'aria-expanded': `${isOpen(frame)}`, 'aria-label': `${button.title}: ${button.textContent}` };
  for (const [name, value] of Object.entries(attributes)) {
    button.setAttribute(name, value);
  }
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const frame = target.closest<HTMLElement>(FRAME);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!frame) {
    return;
  }
  const button = buttonOf(frame);
  if (event.key === 'Escape' && isOpen(frame)) {
    button.click();
    button.focus();
  } else if (step && (isOpen(frame) || target === button)) {
    if (!isOpen(frame)) {
      button.click();
    }
    const stops = [...frame.querySelectorAll<HTMLElement>(STOPS)];
    stops[stops.indexOf(target) + step]?.focus();
  } else {
    return;
  }
  event.preventDefault();
}
