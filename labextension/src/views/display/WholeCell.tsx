/**
 * The whole content of a cell, below the grid.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Column } from '../../model/display/table';
import { IconButton } from '../ui/Button';

interface WholeCellProps {
  column: Column;
  text: string;
  trans: TranslationBundle;
  onClose(): void;
}

/** The cell, with a button to copy it. */
export function WholeCell({ column, text, trans, onClose }: WholeCellProps): JSX.Element {
  return (
    <div className="jp-Dbx-opened">
      <div className="jp-Dbx-line">
        <b>{column.name}</b> <span className="jp-Dbx-hint">{column.type}</span>
        <span className="jp-Dbx-exports">
          <IconButton
            icon={copyIcon}
            label={trans.__('Copy the cell')}
            onClick={() => void navigator.clipboard.writeText(text)}
          />
          <IconButton icon={closeIcon} label={trans.__('Close')} onClick={onClose} />
        </span>
      </div>
      <pre tabIndex={0}>{indented(column, text)}</pre>
    </div>
  );
}

/** Return a nested value with one line for each of its parts; other values unchanged. */
function indented(column: Column, text: string): string {
  if (column.kind !== 'nested' || /\d{16}/.test(text)) {
    return text; // JavaScript would round numbers of so many digits
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // the kernel has truncated it
  }
}
