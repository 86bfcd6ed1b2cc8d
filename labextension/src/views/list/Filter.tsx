/**
 * The filter and the order of the list.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Order } from '../../model/clusterList';
import { Segmented } from '../ui/Segmented';
import { Select, TextInput } from '../ui/Fields';

interface FilterProps {
  query: string;
  order: Order;
  /** whether only the user's own clusters are shown; null = there are no others */
  isMine: boolean | null;
  trans: TranslationBundle;
  setQuery(query: string): void;
  setOrder(order: Order): void;
  setIsMine(isMine: boolean): void;
}

/** The controls above the list. */
export function Filter({ query, order, isMine, trans, setQuery, setOrder, setIsMine }: FilterProps): JSX.Element {
  return (
    <div className="jp-Dbx-filter">
      <TextInput
        label={trans.__('Search clusters by name, state or notebook')}
        isInline
        placeholder={trans.__('Search')}
        value={query}
        onChange={setQuery}
      />
      {isMine !== null && (
        <Segmented
          label={trans.__('Owner')}
          value={isMine ? 'mine' : 'all'}
          choices={[
            ['mine', trans.__('Mine')],
            ['all', trans.__('All')]
          ]}
          onChange={chosen => setIsMine(chosen === 'mine')}
        />
      )}
      <Select
        label={trans.__('Sort by')}
        isInline
        value={order}
        choices={[
          ['state', trans.__('By state')],
          ['name', trans.__('By name')],
          ['newest', trans.__('Newest first')]
        ]}
        onChange={chosen => setOrder(chosen as Order)}
      />
    </div>
  );
}
