package sonotheque;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.backend.h2.PrefixUniqueIndex;
import java.util.List;
import org.h2.mvstore.MVStore;

/** Starts the stand-in database: StandIn PORT [FILE]. Without a file everything is kept in memory. */
public final class StandIn {
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        MVStore store = MVStore.open(arguments.length > 1 ? arguments[1] : null);
        Backend backend = new Backend(store);
        backend.version(new Version());
        MongoServer server = new MongoServer(backend);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        server.bind("127.0.0.1", port);
    }

    private static final class Backend extends H2Backend {
        Backend(MVStore store) {
            super(store);
        }

        @Override
        protected MongoDatabase openOrCreateDatabase(String databaseName) {
            // Captured, not a field: the constructor of H2Database opens the indexes that are already there,
            // at a time when no field of a subclass is set.
            MVStore store = getMvStore();
            return new H2Database(databaseName, store, getCursorRegistry()) {
                @Override
                protected Index<Object> openOrCreateUniqueIndex(
                        String collection, String index, List<IndexKey> keys, boolean sparse) {
                    // The name that H2Database itself gives to the map, as it must find it when the index is dropped.
                    String map = getFullCollectionNamespace(collection) + "._index_" + index;
                    return new PrefixUniqueIndex(store.openMap(map), index, keys, sparse);
                }
            };
        }
    }

    /** What it says to be. Drivers of today refuse the wire versions that the library has of its own. */
    private static final class Version implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }

    private StandIn() {}
}
