BEGIN TRANSACTION;
CREATE TABLE documents (
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (kind, id)
);
INSERT INTO "documents" VALUES('cluster','1114-221320-abcdef12','',2,'{"cluster_id": "1114-221320-abcdef12", "spec": {"cluster_name": "demo", "spark_version": "", "node_type_id": "memory-2c", "driver_node_type_id": "", "num_workers": 2, "autoscale": null, "autotermination_minutes": 60, "is_single_node": null, "spark_conf": {}, "spark_env_vars": {}, "custom_tags": {}, "extra": {}}, "creator_user_name": "ada", "created_ms": 1699999940000, "target": "RUNNING", "num_workers": 2, "generation": 1, "requested_by": "ada", "place": "", "resize_cause": "USER_REQUEST", "touched_ms": 0, "pinned_ms": 0, "idempotency_token": "", "grants": [{"kind": "user_name", "principal": "bob", "level": "CAN_RESTART"}], "state": "RUNNING", "state_message": "", "state_since_ms": 1699999999000, "termination_reason": null, "started_generation": 1, "settled_workers": 2, "start_ms": 0, "last_restarted_ms": 0, "terminated_ms": 0, "driver": {"url": "http://driver", "incarnation": "life-1", "application_id": "app-1", "ui_url": "", "spark_version": "4.0.0", "python_version": "3.11", "start_ms": 1699999997000, "executors": [{"executor_id": "0", "node_id": "worker-1", "cores": 2, "memory_mib": 1024, "added_ms": 1699999998000}, {"executor_id": "1", "node_id": "worker-2", "cores": 2, "memory_mib": 1024, "added_ms": 1699999998000}], "master_ui_url": "", "protocol": 1}, "warned_ms": 0, "version": 2}');
INSERT INTO "documents" VALUES('cluster','1114-221320-ended','',1,'{"cluster_id": "1114-221320-ended", "spec": {"cluster_name": "demo", "spark_version": "", "node_type_id": "memory-2c", "driver_node_type_id": "", "num_workers": 2, "autoscale": null, "autotermination_minutes": 60, "is_single_node": null, "spark_conf": {}, "spark_env_vars": {}, "custom_tags": {}, "extra": {}}, "creator_user_name": "ada", "created_ms": 1699999940000, "target": "TERMINATED", "num_workers": 2, "generation": 1, "requested_by": "ada", "place": "", "resize_cause": "USER_REQUEST", "touched_ms": 0, "pinned_ms": 1700000000000, "idempotency_token": "", "grants": [], "state": "TERMINATED", "state_message": "", "state_since_ms": 1699999999000, "termination_reason": {"code": "USER_REQUEST", "parameters": {"username": "ada"}}, "started_generation": 1, "settled_workers": 2, "start_ms": 0, "last_restarted_ms": 0, "terminated_ms": 1699999999500, "driver": null, "warned_ms": 0, "version": 1}');
INSERT INTO "documents" VALUES('node','driver','1114-221320-abcdef12',1,'{"node_id": "driver", "cluster_id": "1114-221320-abcdef12", "role": "driver", "node_type_id": "memory-2c", "cores": 2, "memory_mib": 4096, "generation": 1, "created_ms": 1699999950000, "state": "READY", "backend_state": {"address": "127.1.2.3"}, "daemon_starts": 0, "healthy": true, "drain_told": false, "version": 1}');
INSERT INTO "documents" VALUES('node','worker-1','1114-221320-abcdef12',1,'{"node_id": "worker-1", "cluster_id": "1114-221320-abcdef12", "role": "worker", "node_type_id": "memory-2c", "cores": 2, "memory_mib": 4096, "generation": 1, "created_ms": 1699999950000, "state": "DRAINING", "backend_state": {}, "daemon_starts": 0, "healthy": false, "drain_told": false, "version": 1}');
INSERT INTO "documents" VALUES('attachment','/home/ada/ü.ipynb','1114-221320-abcdef12',1,'{"key": "/home/ada/\u00fc.ipynb", "cluster_id": "1114-221320-abcdef12", "attached_ms": 1700000000000, "version": 1}');
INSERT INTO "documents" VALUES('secretscope','team','',2,'{"scope_id": "team", "name": "Team", "acls": [{"principal": "ada", "permission": "MANAGE"}, {"principal": "bob", "permission": "READ"}], "version": 2}');
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	cluster_id TEXT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	details TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "events" VALUES(1,'1114-221320-abcdef12',1699999940000,'CREATING','{"user": "ada"}');
INSERT INTO "events" VALUES(2,'1114-221320-abcdef12',1699999999000,'RUNNING','{}');
INSERT INTO "events" VALUES(3,'1114-221320-abcdef12',1700000000000,'RESIZING','{"current_num_workers": 2, "cause": "\u00fc"}');
INSERT INTO "events" VALUES(4,'1114-221320-ended',1699999999500,'TERMINATING','{}');
CREATE TABLE leases (
	name TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	expires_ms BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "leases" VALUES('loop','me',1700000060000);
CREATE TABLE pulses (
	cluster_id TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (cluster_id)
);
INSERT INTO "pulses" VALUES('1114-221320-abcdef12','{"cluster_id": "1114-221320-abcdef12", "at_ms": 1700000000000, "load": {"running_tasks": 1, "pending_tasks": 2, "busy_cores": 3, "total_cores": 4}, "idle_s": 0.5, "ends_in_s": null, "seats": [{"kernel_id": "k", "pid": 1, "notebook": "/home/ada/\u00fc.ipynb", "since_ms": 1700000000000, "busy": true}]}');
CREATE TABLE revision (
	value BIGINT NOT NULL
);
INSERT INTO "revision" VALUES(9);
CREATE TABLE samples (
	cluster_id TEXT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (cluster_id, at_ms)
);
INSERT INTO "samples" VALUES('1114-221320-abcdef12',1699999985000,'{"cluster_id": "1114-221320-abcdef12", "at_ms": 1699999985000, "load": {"running_tasks": 1, "pending_tasks": 2, "busy_cores": 3, "total_cores": 4}, "nodes": {"driver": {"role": "driver", "cores": 2, "memory_limit_mib": 4096, "cpu": 1.5, "memory_mib": 900.0}}}');
INSERT INTO "samples" VALUES('1114-221320-abcdef12',1700000000000,'{"cluster_id": "1114-221320-abcdef12", "at_ms": 1700000000000, "load": {"running_tasks": 1, "pending_tasks": 2, "busy_cores": 3, "total_cores": 4}, "nodes": {"driver": {"role": "driver", "cores": 2, "memory_limit_mib": 4096, "cpu": 1.5, "memory_mib": 900.0}}}');
CREATE TABLE secrets (
	scope TEXT NOT NULL, 
	id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	sealed BLOB NOT NULL, 
	PRIMARY KEY (scope, id)
);
INSERT INTO "secrets" VALUES('team','token','Token',1700000000000,X'E44CD50E83E13933EE0490FA5B46CB6451A019AF0FC9D9B2FEBA79B588325BE1583A0E');
CREATE INDEX ix_documents_owner ON documents (owner);
CREATE INDEX ix_events_cluster_id ON events (cluster_id);
COMMIT;
