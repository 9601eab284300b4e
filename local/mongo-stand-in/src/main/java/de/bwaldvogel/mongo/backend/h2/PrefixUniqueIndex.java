package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import org.h2.mvstore.MVMap;

/**
 * A unique index that also answers filters with more fields than its own keys.
 *
 * The plain index only takes a filter whose fields are exactly its keys, so that {_id, round} reads the whole collection.
 * The engine checks every document that an index returns against the whole filter, so it is enough to look up the keys.
 *
 * It stands in this package because the index's constructor is visible here only.
 */
public final class PrefixUniqueIndex extends H2UniqueIndex {
    public PrefixUniqueIndex(MVMap<KeyValue, Object> map, String name, List<IndexKey> keys, boolean sparse) {
        super(map, name, keys, sparse);
    }

    @Override
    public synchronized boolean canHandle(Document query) {
        if (super.canHandle(query)) return true;
        if (!query.keySet().containsAll(keySet())) return false;
        Document own = ownPart(query);
        // A document without the field is not found by its key, but matches null.
        return own.values().stream().noneMatch(value -> value == null) && super.canHandle(own);
    }

    @Override
    public synchronized Iterable<Object> getPositions(Document query) {
        return super.getPositions(ownPart(query));
    }

    private Document ownPart(Document query) {
        Document own = new Document();
        for (String key : keys()) own.put(key, query.get(key));
        return own;
    }
}
