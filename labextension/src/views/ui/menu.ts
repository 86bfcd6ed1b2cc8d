/**
 * A menu of a few actions, below the element that opens it.
 */
import { LabIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';

/** An action. */
export interface MenuItem {
  label: string;
  icon?: LabIcon;
  run(): void;
}

/** Open a menu; when it closes, the element has the focus again. */
export function openMenu(items: readonly MenuItem[], anchor: HTMLElement): void {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  items.forEach(({ label, icon, run }, index) => {
    commands.addCommand(String(index), { label, icon, execute: run });
    menu.addItem({ command: String(index) });
  });
  menu.aboutToClose.connect(() => {
    anchor.focus();
    requestAnimationFrame(() => menu.dispose()); // the chosen command runs after this signal
  });
  const { left, bottom } = anchor.getBoundingClientRect();
  menu.open(left, bottom);
}
