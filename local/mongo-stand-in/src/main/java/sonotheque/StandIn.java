package sonotheque;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.backend.h2.PrefixUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Locale;
import org.h2.mvstore.MVStore;

/**
 * Starts the stand-in database: StandIn PORT USER [FILE]. Without a file everything is kept in memory. The password of the user
 * is in the environment, since everybody on the machine can read the arguments of a process.
 */
public final class StandIn {
    private static final String PASSWORD = "STAND_IN_PASSWORD";

    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        String password = System.getenv(PASSWORD);
        if (password == null || password.isEmpty()) throw new IllegalArgumentException(PASSWORD + " is not set.");
        MVStore store = MVStore.open(arguments.length > 2 ? arguments[2] : null);
        Backend backend = new Backend(store, new Login(arguments[1], password));
        backend.version(new Version());
        MongoServer server = new MongoServer(backend);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        server.bind("127.0.0.1", port);
    }

    private static final class Backend extends H2Backend {
        private final Login login;
        /** Whether the command under way may read the state of the server; some ways to it tell no connection. */
        private final ThreadLocal<Boolean> isLoggedIn = ThreadLocal.withInitial(() -> false);

        Backend(MVStore store, Login login) {
            super(store);
            this.login = login;
        }

        @Override
        public Document handleCommand(Channel channel, String database, String command, Document query) {
            login.require(channel, command);
            switch (command.toLowerCase(Locale.ROOT)) {
                case "saslstart":
                    return login.start(channel, query);
                case "saslcontinue":
                    return login.goOn(channel, query);
                default:
            }
            isLoggedIn.set(login.isComplete(channel));
            try {
                Document answer = super.handleCommand(channel, database, command, query);
                if (query.containsKey("saslSupportedMechs")) answer.put("saslSupportedMechs", List.of(Login.MECHANISM));
                return answer;
            } finally {
                isLoggedIn.remove();
            }
        }

        /** The query message of old drivers, for what is not a command. */
        @Override
        public QueryResult handleQuery(MongoQuery query) {
            login.require(query.getChannel(), "find");
            return super.handleQuery(query);
        }

        @Override
        public Document getServerStatus() {
            if (!isLoggedIn.get()) throw new MongoServerError(13, "Unauthorized", "serverStatus requires authentication");
            return super.getServerStatus();
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
