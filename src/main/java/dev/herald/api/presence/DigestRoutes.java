package dev.herald.api.presence;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.presencelog.PresenceDigest;
import dev.herald.presencelog.PresenceDigest.Bucket;
import dev.herald.presencelog.PresenceJson;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lets a back end compare its own table of who is online with Herald's, and mend only what differs. */
final class DigestRoutes {
    private static final int MAX_USERS = 10_000;
    private static final int BITS_PER_DIGIT = 4;
    private static final int DEFAULT_BUCKETS = 256;

    /** Under way or waiting: each reads all who are online, so they go one after the other. */
    private static final int MAX_WALKS = 8;

    private static final String NOT_BUCKETS = "must be 16, 256, 4096 or 65536";

    private final SqlClient pool;
    private final InFlight walks = new InFlight(MAX_WALKS);
    private Future<?> lastWalk = Future.succeededFuture();

    /** @param pool whose connections a long walk may hold, since nobody else's statement waits behind it */
    DigestRoutes(SqlClient pool) {
        this.pool = pool;
    }

    void mount(Routes routes) {
        routes.query("/presence/digest", this::digest);
        routes.query("/presence/reconcile", this::reconcile);
    }

    private Future<Reply> digest(Call call) {
        record Wanted(int digits, String bucket) {}
        Wanted wanted = call.read(fields -> new Wanted(digits(fields), bucket(fields)));
        return wanted.bucket.isEmpty() ? all(wanted.digits) : users(wanted.bucket);
    }

    private Future<Reply> all(int digits) {
        return walks.run(() -> inTurn(digits))
                .map(buckets -> Reply.data(JsonObject.of("buckets", Reply.array(buckets, DigestRoutes::json))));
    }

    private Future<List<Bucket>> inTurn(int digits) {
        Future<List<Bucket>> walk = lastWalk.otherwiseEmpty().compose(done -> PresenceDigest.buckets(pool, digits));
        lastWalk = walk;
        return walk;
    }

    private Future<Reply> users(String bucket) {
        return onlineIn(bucket).map(users -> Reply.data(JsonObject.of("users", PresenceJson.told(users))));
    }

    /** @param whole whether the users are all that the caller takes for online in the bucket */
    private record Belief(boolean whole, String bucket, Set<String> users) {}

    /** Of the users whom the caller takes for online, and, if a bucket is named, of all who belong there. */
    private Future<Reply> reconcile(Call call) {
        Belief belief = call.read(DigestRoutes::belief);
        Future<List<UserPresence>> online = belief.whole ? onlineIn(belief.bucket) : Future.succeededFuture(List.of());
        return online.compose(there -> {
            Set<String> doubted = new HashSet<>(belief.users);
            there.forEach(user -> doubted.remove(user.uid()));
            List<UserPresence> missing = there.stream()
                    .filter(user -> !belief.users.contains(user.uid()))
                    .toList();
            return PresenceLog.find(pool, List.copyOf(doubted)).map(found -> differences(missing, doubted, found));
        });
    }

    private static Reply differences(List<UserPresence> missing, Set<String> doubted, List<UserPresence> found) {
        Map<String, UserPresence> known = new HashMap<>();
        found.forEach(user -> known.put(user.uid(), user));
        JsonArray offline = new JsonArray();
        for (String uid : doubted) {
            UserPresence user = known.get(uid);
            if (user == null) {
                offline.add(PresenceJson.unknown(uid));
            } else if (!user.online()) {
                offline.add(PresenceJson.told(user));
            }
        }
        return Reply.data(JsonObject.of("online", PresenceJson.told(missing), "offline", offline));
    }

    private Future<List<UserPresence>> onlineIn(String bucket) {
        return PresenceDigest.online(pool, bucket, MAX_USERS + 1).map(users -> {
            if (users.size() > MAX_USERS) {
                throw HeraldException.invalid(
                        "bucket", "holds more than " + MAX_USERS + " users, name a longer prefix");
            }
            return users;
        });
    }

    private static int digits(Fields fields) {
        long buckets = fields.number("buckets", 1, 1L << (BITS_PER_DIGIT * PresenceDigest.MAX_DIGITS), DEFAULT_BUCKETS);
        int bits = Long.numberOfTrailingZeros(buckets);
        if (Long.bitCount(buckets) != 1 || bits == 0 || bits % BITS_PER_DIGIT != 0) {
            fields.refuse("buckets", NOT_BUCKETS);
        }
        return bits / BITS_PER_DIGIT;
    }

    private static String bucket(Fields fields) {
        String bucket = fields.text("bucket", PresenceDigest.MAX_DIGITS);
        if (!bucket.matches("[0-9a-f]*")) {
            fields.refuse("bucket", "must be the first digits of an MD5, 0-9 and a-f");
        }
        return bucket;
    }

    /** A user in the wrong bucket shows that the caller hashes in another way than Herald. */
    private static Belief belief(Fields fields) {
        String bucket = bucket(fields);
        Set<String> users = fields.uids("users", MAX_USERS);
        users.stream()
                .filter(uid -> !PresenceDigest.isIn(bucket, uid))
                .findFirst()
                .ifPresent(uid -> fields.refuse("users", uid + " does not belong to bucket " + bucket));
        return new Belief(fields.has("bucket"), bucket, users);
    }

    private static JsonObject json(Bucket bucket) {
        return new JsonObject()
                .put("bucket", bucket.name())
                .put("users", bucket.users())
                .put("hash", bucket.hash());
    }
}
