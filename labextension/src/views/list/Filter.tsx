/**
 * The filter and the order of the list.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Order } from '../../model/clusterList';
import { Select, TextInput } from '../ui/Fields';

interface FilterProps {
  query: string;
  order: Order;
  trans: TranslationBundle;
  setQuery(query: string): void;
  setOrder(order: Order): void;
}

/** The controls above the list. */
export function Filter({ query, order, trans, setQuery, setOrder }: FilterProps): JSX.Element {
  return (
    <div className="jp-Dbx-filter">
      <TextInput
        label={trans.__('Filter clusters by name, state or notebook')}
        isInline
        placeholder={trans.__('Filter')}
        value={query}
        onChange={setQuery}
      />
      <Select
        label={trans.__('Sort by')}
        isInline
        value={order}
        choices={[
          ['state', trans.__('State')],
          ['name', trans.__('Name')],
          ['newest', trans.__('Newest first')]
        ]}
        onChange={chosen => setOrder(chosen as Order)}
      />
    </div>
  );
}
