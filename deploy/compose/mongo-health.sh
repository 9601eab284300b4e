#!/bin/bash
# Healthy while MongoDB accepts connections. Until the replica set of one member exists it is made, with MongoDB's shell, which
# takes seconds of CPU time; a mark beside the data remembers that it was done.
set -u
mark=/data/db/.sonotheque-replica-set
(exec 3<> /dev/tcp/127.0.0.1/27017) 2> /dev/null || exit 1
[ -e "$mark" ] && exit 0
mongosh --quiet --eval "
  try { rs.status() } catch { rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] }) }
  if (!db.hello().isWritablePrimary) quit(1)" && touch "$mark"
