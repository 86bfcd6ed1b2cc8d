/**
 * Permissions on clusters, and the users, groups and service principals that can have them.
 */
import { Principal, principalsOf, requestOf, type Entry } from '../model/sharing';
import type { ObjectPermissions, ScimResource } from '../model/wire';
import type { Client } from './client';

/** More than any workspace has. */
const ALL = 100_000;

/** Requests about permissions; failures are `ApiError`s. */
export class Sharing {
  constructor(private readonly client: Client) {}

  /** Return who may use a cluster. */
  permissions(clusterId: string): Promise<ObjectPermissions> {
    return this.client.get<ObjectPermissions>(pathOf(clusterId));
  }

  /** Return everybody who is known. */
  async principals(): Promise<Principal[]> {
    const list = async (kind: string) => {
      const page = await this.client.get<{ Resources: ScimResource[] }>(`2.0/preview/scim/v2/${kind}?count=${ALL}`);
      return page.Resources;
    };
    const [users, groups, services] = await Promise.all([list('Users'), list('Groups'), list('ServicePrincipals')]);
    return principalsOf({ user_name: users, group_name: groups, service_principal_name: services });
  }

  /** Replace the permissions on a cluster. */
  async save(clusterId: string, entries: readonly Entry[]): Promise<void> {
    await this.client.put(pathOf(clusterId), { access_control_list: requestOf(entries) });
  }
}

function pathOf(clusterId: string): string {
  return `2.0/permissions/clusters/${encodeURIComponent(clusterId)}`;
}
