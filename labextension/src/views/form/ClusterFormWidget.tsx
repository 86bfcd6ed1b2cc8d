/**
 * The form as a widget; a chunk of its own, because most pages never show it.
 */
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ClusterForm, FormProps } from './ClusterForm';

/** The form in a tab. */
export class ClusterFormWidget extends ReactWidget {
  constructor(private readonly props: FormProps) {
    super();
    this.addClass('jp-Dbx-formTab');
  }

  protected render(): JSX.Element {
    return <ClusterForm {...this.props} />;
  }
}
