package dev.herald.api.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.api.Told;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DigestRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    private final SqlClient writer = server.pg.statements();

    @ParameterizedTest
    @ValueSource(ints = {16, 256, 4096, 65536})
    void equals_what_a_back_end_computes_of_its_own_list(int buckets) {
        Set<String> online = IntStream.range(0, 1_000).mapToObj(i -> "p" + i).collect(Collectors.toSet());
        Told.crowd(writer, "p", 1_000);
        for (String uid : List.of("müller", "李雷", "🦊")) {
            Told.user(writer, uid, true, 1);
            online.add(uid);
        }
        Told.user(writer, "gone", false, 1);

        int digits = Integer.toHexString(buckets - 1).length();
        assertThat(digest("{\"buckets\":" + buckets + "}")).isEqualTo(own(online, digits));
    }

    /** The very text of the documentation, which the example back end runs, too. */
    @Test
    void equals_what_the_documented_sql_computes() throws IOException {
        String page = Files.readString(Path.of("docs/presence-backend.md"));
        int from = page.indexOf("```sql\n") + "```sql\n".length();
        String query = page.substring(from, page.indexOf("```", from));
        assertThat(Files.readString(Path.of("docs/examples/backend/digest.sql")))
                .isEqualTo(query);
        Told.crowd(writer, "p", 1_000);
        List.of("müller", "李雷", "🦊").forEach(uid -> Told.user(writer, uid, true, 1));
        Told.user(writer, "gone", false, 1);
        Sql sql = new Sql(writer);
        sql.run("create temporary table presence as select uid, online, version from user_presence");

        Map<String, String> own = new TreeMap<>();
        sql.rows(query).forEach(row -> {
            String[] columns = row.split(" ", -1);
            own.put(columns[0], columns[1] + " " + columns[2]);
        });
        assertThat(own).hasSizeGreaterThan(200).isEqualTo(digest("{}"));
    }

    @Test
    void nobody_online_is_no_bucket() {
        assertThat(digest("{}")).isEmpty();
    }

    @Test
    void one_difference_is_in_one_bucket_and_is_found_there() {
        Told.crowd(writer, "p", 5_000);
        Map<String, String> before = digest("{}");
        Told.user(writer, "p77", false, 2);
        Map<String, String> after = digest("{}");

        Set<String> different = new HashSet<>(before.entrySet().stream()
                .filter(bucket -> !bucket.getValue().equals(after.get(bucket.getKey())))
                .map(Map.Entry::getKey)
                .toList());
        String bucket = md5("p77").substring(0, 2);
        assertThat(different).containsExactly(bucket);
        List<String> own = IntStream.range(0, 5_000)
                .mapToObj(i -> "p" + i)
                .filter(uid -> md5(uid).startsWith(bucket))
                .toList();
        assertThat(uids(data("/presence/digest", JsonObject.of("bucket", bucket))
                        .getJsonArray("users")))
                .containsExactlyInAnyOrderElementsOf(
                        own.stream().filter(uid -> !uid.equals("p77")).toList());
    }

    @Test
    void tells_both_kinds_of_difference_with_the_versions_to_apply() {
        Told.user(writer, "both", true, 1);
        Told.user(writer, "missing", true, 2);
        Told.user(writer, "stale", false, 3);

        JsonObject differences = data(
                "/presence/reconcile",
                JsonObject.of("bucket", "", "users", new JsonArray(List.of("both", "stale", "never"))));

        assertThat(differences.getJsonArray("online")).hasSize(1);
        assertThat(differences.getJsonArray("online").getJsonObject(0).getString("uid"))
                .isEqualTo("missing");
        assertThat(differences.getJsonArray("online").getJsonObject(0).getLong("version"))
                .isEqualTo(2);
        Map<String, Long> offline = new HashMap<>();
        for (Object user : differences.getJsonArray("offline")) {
            JsonObject json = (JsonObject) user;
            assertThat(json.getBoolean("online")).isFalse();
            offline.put(json.getString("uid"), json.getLong("version"));
        }
        assertThat(offline).isEqualTo(Map.of("stale", 3L, "never", 0L));
    }

    @Test
    void judges_only_those_it_is_given_if_no_bucket_is_named() {
        Told.user(writer, "unasked", true, 1);
        Told.user(writer, "stale", false, 2);

        JsonObject differences = data("/presence/reconcile", JsonObject.of("users", JsonArray.of("stale")));

        assertThat(differences.getJsonArray("online")).isEmpty();
        assertThat(uids(differences.getJsonArray("offline"))).containsExactly("stale");
    }

    @Test
    void refuses_a_bucket_that_is_too_large_to_list() {
        Told.crowd(writer, "p", 10_001);
        assertThat(server.post("/presence/digest", "{\"bucket\":\"\"}").data()).isNotNull();
        assertThat(server.post("/presence/reconcile", "{\"bucket\":\"\",\"users\":[]}")
                        .problem())
                .isEqualTo("400 bucket: holds more than 10000 users, name a longer prefix");
    }

    @Test
    void back_ends_that_ask_at_once_wait_for_each_other_up_to_a_bound() throws Exception {
        Told.user(writer, "u1", true, 1);
        Blocked held = Blocked.by(server.pg, "lock table user_presence in access exclusive mode");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> asked = IntStream.range(0, 9)
                    .mapToObj(i -> threads.submit(() -> server.post("/presence/digest", "{}")))
                    .toList();
            Awaitility.await().until(() -> asked.stream().filter(Future::isDone).count() == 1);
            held.end();
            List<Integer> answers = new ArrayList<>();
            for (Future<Answer> one : asked) {
                answers.add(one.get().status());
            }
            assertThat(answers).filteredOn(status -> status == 503).hasSize(1);
            assertThat(answers).filteredOn(status -> status == 200).hasSize(8);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "digest    | {\"buckets\":100}   | buckets: must be 16, 256, 4096 or 65536",
                "digest    | {\"buckets\":1}     | buckets: must be 16, 256, 4096 or 65536",
                "digest    | {\"buckets\":65537} | buckets: must be an integer from 1 to 65536",
                "digest    | {\"bucket\":\"G\"}  | bucket: must be the first digits of an MD5, 0-9 and a-f",
                "reconcile | {\"bucket\":\"abcde\",\"users\":[]} | bucket: must not be longer than 4 bytes",
                "reconcile | {\"bucket\":\"00\",\"users\":[\"u1\"]} | users: u1 does not belong to bucket 00",
            })
    void refuses_what_it_cannot_compare(String route, String body, String text) {
        assertThat(server.post("/presence/" + route, body).problem()).isEqualTo("400 " + text);
    }

    /** Each bucket as "users hash". */
    private static Map<String, String> digest(String body) {
        Map<String, String> digest = new TreeMap<>();
        for (Object bucket : data("/presence/digest", new JsonObject(body)).getJsonArray("buckets")) {
            JsonObject json = (JsonObject) bucket;
            digest.put(json.getString("bucket"), json.getLong("users") + " " + json.getString("hash"));
        }
        return digest;
    }

    /** By the words of docs/presence-backend.md, not by Herald's code. */
    private static Map<String, String> own(Collection<String> online, int digits) {
        Map<String, Integer> users = new TreeMap<>();
        Map<String, BigInteger> hashes = new TreeMap<>();
        for (String uid : online) {
            String md5 = md5(uid);
            users.merge(md5.substring(0, digits), 1, Integer::sum);
            hashes.merge(md5.substring(0, digits), new BigInteger(md5.substring(8, 20), 16), BigInteger::add);
        }
        Map<String, String> digest = new TreeMap<>();
        users.forEach((bucket, count) -> digest.put(bucket, count + " " + hashes.get(bucket)));
        return digest;
    }

    private static String md5(String uid) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(uid.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> uids(JsonArray users) {
        return users.stream().map(user -> ((JsonObject) user).getString("uid")).toList();
    }

    private static JsonObject data(String path, JsonObject body) {
        return server.post(path, body.encode()).data();
    }
}
