/**
 * The form of permissions as a widget.
 */
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ShareForm, ShareProps } from './ShareForm';

/** The form. */
export class ShareWidget extends ReactWidget {
  constructor(private readonly props: ShareProps) {
    super();
    this.addClass('jp-Dbx-shareBody');
  }

  protected render(): JSX.Element {
    return <ShareForm {...this.props} />;
  }
}
