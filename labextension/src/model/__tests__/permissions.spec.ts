import { CommandIDs } from '../commands';
import { foreignOwner, isSameName, lackingLevel, refusalOf } from '../permissions';
import { aCluster, trans } from './samples';

const attach = [CommandIDs.attach, CommandIDs.openPage, CommandIDs.openSparkUi, CommandIDs.clone, CommandIDs.copyId];
const restart = [CommandIDs.start, CommandIDs.restart, CommandIDs.terminate, CommandIDs.extend];
const manage = [
  CommandIDs.edit,
  CommandIDs.resize,
  CommandIDs.remove,
  CommandIDs.pin,
  CommandIDs.unpin,
  CommandIDs.share,
  'read-logs'
];

describe('lackingLevel', () => {
  it.each([
    ['CAN_ATTACH_TO', 'CAN_RESTART', 'CAN_MANAGE'],
    ['CAN_RESTART', null, 'CAN_MANAGE'],
    ['CAN_MANAGE', null, null]
  ])('of a user with %s is %s for restarting and %s for managing', (permission_level, forRestart, forManage) => {
    const cluster = aCluster({ permission_level });
    const lacks = (actions: string[]) => [...new Set(actions.map(action => lackingLevel(cluster, action)))];
    expect([lacks(attach), lacks(restart), lacks(manage)]).toEqual([[null], [forRestart], [forManage]]);
  });

  it('is any level for a user who has none', () => {
    expect(lackingLevel(aCluster({ permission_level: '' }), CommandIDs.attach)).toBe('CAN_ATTACH_TO');
  });
});

describe('refusalOf', () => {
  it('names the level and whom to ask', () => {
    const cluster = aCluster({ permission_level: 'CAN_ATTACH_TO', creator_user_name: 'ann' });
    expect(refusalOf(cluster, CommandIDs.restart, trans)).toBe('You need Can Restart permission. Ask ann.');
    expect(refusalOf(cluster, CommandIDs.edit, trans)).toBe('You need Can Manage permission. Ask ann.');
    expect(refusalOf(cluster, CommandIDs.attach, trans)).toBe('');
  });

  it('names administrators if the owner is unknown', () => {
    const cluster = aCluster({ permission_level: 'CAN_ATTACH_TO', creator_user_name: '' });
    expect(refusalOf(cluster, CommandIDs.edit, trans)).toContain('Ask an administrator.');
  });
});

describe('foreignOwner', () => {
  it('is nobody for the user’s own clusters, and while the user is unknown', () => {
    const cluster = aCluster({ creator_user_name: 'Ann' });
    expect(['ann', '', 'bob'].map(user => foreignOwner(cluster, user))).toEqual(['', '', 'Ann']);
  });
});

describe('isSameName', () => {
  it('ignores case and Unicode’s forms of a letter', () => {
    expect(isSameName('JOSE\u0301', 'josé')).toBe(true);
    expect(isSameName('ann', 'anna')).toBe(false);
  });
});
