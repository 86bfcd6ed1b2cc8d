/**
 * The profile of a table's columns.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, runIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  ColumnProfile,
  Histogram,
  numberText,
  percent,
  PROFILE_TYPE,
  ProfileContent
} from '../../model/display/profile';
import { Problem } from '../Problem';
import { Button, IconButton } from '../ui/Button';
import { useComputation } from './computed';
import { Cell, columnNotice } from '../../model/display/table';

const CHART_PX = { width: 160, height: 36 };

/** The output of `dbutils.data.summarize`. */
export class ProfileOutput extends ReactWidget implements IRenderMime.IRenderer {
  constructor(private readonly trans: TranslationBundle) {
    super();
    this.addClass('jp-Dbx-display');
  }

  /** Show a profile of the kernel. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.content = model.data[PROFILE_TYPE] as unknown as ProfileContent;
    this.update();
  }

  protected render(): JSX.Element {
    return this.content ? <Profile content={this.content} trans={this.trans} /> : <></>;
  }

  private content: ProfileContent | null = null;
}

interface ProfileTabProps {
  /** null = not computed yet */
  profile: ProfileContent | null;
  /** Compute it; null = no kernel. */
  compute: ((signal: AbortSignal) => Promise<ProfileContent>) | null;
  /** whether to compute without being asked */
  isEager: boolean;
  trans: TranslationBundle;
  onComputed(profile: ProfileContent): void;
}

/** The tab with the profile, which is computed when the user opens it, once per table. */
export function ProfileTab({ profile, compute, isEager, trans, onComputed }: ProfileTabProps): JSX.Element {
  const keep = React.useRef(onComputed);
  keep.current = onComputed;
  const run = React.useCallback(
    async (signal: AbortSignal) => {
      const found = await compute!(signal);
      if (!signal.aborted) {
        keep.current(found);
      }
    },
    [compute]
  );
  const { isRunning, problem, start, cancel } = useComputation(run);
  const isWanted = profile === null && compute !== null;
  React.useEffect(() => {
    if (isWanted && isEager) {
      start();
    }
  }, [isWanted, isEager, start]);
  if (profile) {
    return <Profile content={profile} trans={trans} />;
  }
  if (!compute) {
    return <p className="jp-Dbx-empty">{trans.__('No kernel is running. Start one and run the cell again.')}</p>;
  }
  return (
    <>
      <Problem text={problem} />
      <div className="jp-Dbx-line">
        <p className="jp-Dbx-hint" role="status">
          {isRunning ? trans.__('Reading all rows…') : trans.__('The profile reads all rows.')}
        </p>
        {isRunning ? (
          <IconButton icon={stopIcon} label={trans.__('Cancel')} onClick={cancel} />
        ) : (
          <Button icon={runIcon} onClick={start}>
            {trans.__('Compute')}
          </Button>
        )}
      </div>
    </>
  );
}

/** A row for each column of the table. */
export function Profile({ content, trans }: { content: ProfileContent; trans: TranslationBundle }): JSX.Element {
  const { rows, columns, precise, left_out } = content;
  const count = trans._n('%2 row', '%2 rows', rows, rows.toLocaleString('en'));
  const heads = [
    trans.__('Column'),
    trans.__('Distribution'),
    trans.__('Nulls'),
    trans.__('Distinct'),
    trans.__('Min'),
    trans.__('5%'),
    trans.__('Median'),
    trans.__('95%'),
    trans.__('Max'),
    trans.__('Mean'),
    trans.__('Std. dev.')
  ];
  return (
    <>
      <p className="jp-Dbx-profileAbout">
        {count}
        {left_out > 0 && ` · ${columnNotice(columns.length, left_out, trans)}`}
        {!precise && (
          <span className="jp-Dbx-hint">
            {' '}
            {trans.__('Distinct values, quantiles and distributions are approximate.')}
          </span>
        )}
      </p>
      <div className="jp-Dbx-profile" tabIndex={0} role="region" aria-label={trans.__('Profile')}>
        <table>
          <thead>
            <tr>
              {heads.map(head => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns.map((profile, index) => (
              <ProfileRow key={index} profile={profile} rows={rows} trans={trans} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface RowProps {
  profile: ColumnProfile;
  rows: number;
  trans: TranslationBundle;
}

function ProfileRow({ profile, rows, trans }: RowProps): JSX.Element {
  const { column, nulls, nans, distinct, least, greatest, mean, deviation, quantiles, histogram, top } = profile;
  const value = (cell: Cell) => numberText(cell, column.kind);
  const cells = [
    numberText(distinct),
    value(least),
    ...[0, 2, 4].map(index => value(quantiles[index] ?? null)),
    value(greatest),
    numberText(mean),
    numberText(deviation)
  ];
  return (
    <tr>
      <th scope="row">
        {column.name} <span className="jp-Dbx-hint">{column.type}</span>
      </th>
      <td>
        {histogram ? (
          <Bars histogram={histogram} column={column.name} isTime={column.kind === 'time'} trans={trans} />
        ) : (
          <Top top={top} rows={rows} />
        )}
      </td>
      <td className={nulls ? 'jp-mod-some' : undefined}>
        {percent(nulls, rows)}
        {nans > 0 && <div>{trans.__('NaN %1', percent(nans, rows))}</div>}
      </td>
      {cells.map((text, index) => (
        <td key={index} title={text}>
          {text}
        </td>
      ))}
    </tr>
  );
}

interface BarsProps {
  histogram: Histogram;
  column: string;
  isTime: boolean;
  trans: TranslationBundle;
}

function Bars({ histogram: { low, high, shares }, column, isTime, trans }: BarsProps): JSX.Element {
  const most = Math.max(...shares);
  const width = CHART_PX.width / shares.length;
  const edge = (index: number) => {
    const value = low + ((high - low) * index) / shares.length;
    return isTime ? new Date(value * 1000).toISOString().slice(0, 16).replace('T', ' ') : numberText(value);
  };
  return (
    <svg {...CHART_PX} role="img" aria-label={trans.__('Histogram of %1', column)}>
      {shares.map((share, index) => {
        const height = (CHART_PX.height * share) / most;
        return (
          <g key={index}>
            <title>{`${edge(index)} … ${edge(index + 1)}: ${percent(share, 1)}`}</title>
            {/* The tooltip works along the full height of a bar. */}
            <rect x={index * width} width={width} y={0} height={CHART_PX.height} fill="transparent" />
            <rect
              x={index * width}
              width={width - 1}
              y={CHART_PX.height - height}
              height={height}
              className="jp-Dbx-bar"
            />
          </g>
        );
      })}
    </svg>
  );
}

function Top({ top, rows }: { top: [string, number][]; rows: number }): JSX.Element {
  return (
    <ul className="jp-Dbx-top">
      {top.slice(0, 3).map(([value, count]) => (
        <li key={value} title={value}>
          <span className="jp-Dbx-topValue">{value === '' ? '""' : value}</span>
          <span className="jp-Dbx-hint">{percent(count, rows)}</span>
        </li>
      ))}
    </ul>
  );
}
