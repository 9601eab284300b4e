package sonotheque;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The login of the stand-in: SCRAM-SHA-256 (RFC 5802, RFC 7677) for one name, as MongoDB's drivers speak it. Each connection
 * logs in by itself; the library has no login of its own.
 */
final class Login {
    static final String MECHANISM = "SCRAM-SHA-256";
    /** RFC 7677 asks for 4,096 or more. The password is random, so that more would only make connecting slower. */
    private static final int ITERATIONS = 4096;
    /** More than any driver sends, so that nobody can make it work on megabytes before the login. */
    private static final int MAX_PAYLOAD_BYTES = 1_000;
    /** What MongoDB answers without a login, too. */
    private static final Set<String> OPEN_COMMANDS =
            Set.of("hello", "ismaster", "ping", "saslstart", "saslcontinue", "endsessions");
    private static final AttributeKey<State> STATE = AttributeKey.valueOf("sonotheque.login");
    private static final int UNAUTHORIZED = 13;
    private static final int AUTHENTICATION_FAILED = 18;

    /** How far the login of a connection is. Before it begins there is none. */
    private record State(String firstMessages, String nonce, boolean skipsLastStep, boolean isComplete) {}

    private final SecureRandom random = new SecureRandom();
    private final String user;
    private final byte[] salt = new byte[16];
    private final byte[] storedKey;
    private final byte[] serverKey;

    Login(String user, String password) {
        this.user = user;
        random.nextBytes(salt);
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, 256);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
            storedKey = sha256(hmac(salted, "Client Key"));
            serverKey = hmac(salted, "Server Key");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** @throws MongoServerError when the connection must log in before this command. */
    void require(Channel channel, String command) {
        if (OPEN_COMMANDS.contains(command.toLowerCase(Locale.ROOT)) || isComplete(channel)) return;
        throw new MongoServerError(UNAUTHORIZED, "Unauthorized", "command " + command + " requires authentication");
    }

    boolean isComplete(Channel channel) {
        State state = channel.attr(STATE).get();
        return state != null && state.isComplete();
    }

    Document start(Channel channel, Document command) {
        channel.attr(STATE).set(null);
        String first = payloadOf(command);
        // n: no channel binding. a=… would be a login on behalf of another user.
        if (!MECHANISM.equals(command.get("mechanism")) || !first.startsWith("n,,")) throw failed();
        String bare = first.substring(3);
        if (!user.equals(field(bare, 'n'))) throw failed();
        String nonce = field(bare, 'r') + randomText();
        String answer = "r=" + nonce + ",s=" + base64(salt) + ",i=" + ITERATIONS;
        boolean skips = command.get("options") instanceof Document options
                && Boolean.TRUE.equals(options.get("skipEmptyExchange"));
        channel.attr(STATE).set(new State(bare + "," + answer, nonce, skips, false));
        return answer(false, answer);
    }

    Document goOn(Channel channel, Document command) {
        State state = channel.attr(STATE).get();
        if (state == null) throw failed();
        String message = payloadOf(command);
        // The empty last step of drivers that do not skip it.
        if (state.isComplete()) return answer(true, "");
        channel.attr(STATE).set(null);
        int proofAt = message.lastIndexOf(",p=");
        if (proofAt < 0 || !message.startsWith("c=biws,") || !state.nonce().equals(field(message, 'r'))) throw failed();
        String all = state.firstMessages() + "," + message.substring(0, proofAt);
        try {
            byte[] clientKey = Base64.getDecoder().decode(message.substring(proofAt + 3));
            byte[] signature = hmac(storedKey, all);
            if (clientKey.length != signature.length) throw failed();
            for (int index = 0; index < clientKey.length; index += 1) clientKey[index] ^= signature[index];
            // In constant time.
            if (!MessageDigest.isEqual(sha256(clientKey), storedKey)) throw failed();
            channel.attr(STATE).set(new State("", "", state.skipsLastStep(), true));
            return answer(state.skipsLastStep(), "v=" + base64(hmac(serverKey, all)));
        } catch (GeneralSecurityException | IllegalArgumentException error) {
            throw failed();
        }
    }

    private static MongoServerError failed() {
        return new MongoServerError(AUTHENTICATION_FAILED, "AuthenticationFailed", "Authentication failed.");
    }

    private static String payloadOf(Document command) {
        if (command.get("payload") instanceof BinData data && data.getData().length <= MAX_PAYLOAD_BYTES)
            return new String(data.getData(), StandardCharsets.UTF_8);
        if (command.get("payload") instanceof byte[] data && data.length <= MAX_PAYLOAD_BYTES)
            return new String(data, StandardCharsets.UTF_8);
        throw failed();
    }

    /** The value of `n=…` and the like. */
    private static String field(String message, char name) {
        for (String part : List.of(message.split(",")))
            if (part.length() > 2 && part.charAt(0) == name && part.charAt(1) == '=') return part.substring(2);
        throw failed();
    }

    private static Document answer(boolean isDone, String payload) {
        return new Document("conversationId", 1)
                .append("done", isDone)
                .append("payload", new BinData(payload.getBytes(StandardCharsets.UTF_8)))
                .append("ok", 1.0);
    }

    private String randomText() {
        byte[] bytes = new byte[18];
        random.nextBytes(bytes);
        return base64(bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}
