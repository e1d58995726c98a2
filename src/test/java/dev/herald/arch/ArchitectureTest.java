package dev.herald.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.herald.Main;
import dev.herald.it.NamedMetrics;
import io.vertx.core.eventbus.EventBus;
import io.vertx.pgclient.PgBuilder;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may use whom. A new arrow is written into the table, where it is seen whether it leads the right way. */
class ArchitectureTest {
    private static final JavaClasses HERALD = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.herald");

    /** Who uses whom: what is not written here is not there, and no package uses one that stands below it. */
    private static final Map<String, Set<String>> ARROWS = arrows("""
            model:
            failure:
            bus.message: model
            lifecycle: failure
            postgres: failure
            redis: failure lifecycle
            config: redis
            cluster: config
            wire: model
            wire.binary: model wire
            wire.json: model wire
            trail: bus.message lifecycle
            wukong: model
            bus: bus.message failure lifecycle model
            jwt: config failure lifecycle

            account: failure postgres
            command: model postgres
            device: failure model postgres
            messagelog: failure model postgres
            eventlog: failure messagelog model postgres wukong
            conversation: messagelog model postgres
            stream: failure model postgres
            channel: command failure model postgres wukong
            endpoint: config eventlog failure model postgres
            presencelog: bus.message eventlog postgres

            socket.transport: config
            socket.delivery: bus bus.message config lifecycle model trail wire wukong
            socket.send: bus bus.message config lifecycle model trail wire
            socket.watch: bus bus.message config failure lifecycle model presencelog socket.delivery wire
            socket: bus bus.message config device failure jwt lifecycle model postgres presencelog socket.delivery socket.send \
                socket.transport socket.watch trail wire wire.binary wire.json
            presence.node: bus.message failure postgres redis
            presence.registry: bus.message failure lifecycle presence.node presencelog redis
            presence.session: bus bus.message config failure lifecycle postgres presence.node presence.registry presencelog
            presence.reconcile: bus bus.message config lifecycle postgres presence.node presence.registry \
                presence.session presencelog redis
            presence.status: bus.message eventlog failure lifecycle model presence.node presence.registry presencelog \
                redis
            presence: bus bus.message config failure lifecycle model postgres presence.node presence.reconcile \
                presence.registry presence.session presence.status presencelog redis
            fanout.epoch: failure redis
            fanout.inbox: bus.message channel command eventlog failure fanout.epoch model postgres redis wukong
            fanout.rebuild: bus.message command failure fanout.epoch fanout.inbox postgres redis
            fanout.walk: bus bus.message command config failure fanout.epoch fanout.inbox lifecycle model postgres redis trail
            fanout: bus bus.message config failure fanout.epoch fanout.inbox fanout.rebuild fanout.walk lifecycle postgres \
                redis trail
            messaging.roster: channel model postgres
            messaging.judge: account bus.message channel messaging.roster model postgres
            messaging.delivery: bus bus.message failure messagelog messaging.roster model
            messaging.commit: bus bus.message eventlog failure messaging.delivery messaging.judge messaging.roster model \
                postgres wukong
            messaging: account bus bus.message config eventlog failure lifecycle messagelog messaging.commit \
                messaging.delivery messaging.judge messaging.roster model postgres
            history: config lifecycle postgres
            webhook.lane: eventlog model postgres
            webhook.post: account bus bus.message channel config endpoint eventlog failure lifecycle model postgres \
                webhook.lane
            webhook.retry: webhook.post
            webhook.record: endpoint eventlog postgres webhook.lane webhook.post webhook.retry
            webhook.dispatch: endpoint eventlog lifecycle postgres webhook.lane webhook.post webhook.record webhook.retry
            webhook: bus bus.message config endpoint lifecycle postgres webhook.dispatch webhook.lane webhook.post \
                webhook.record webhook.retry
            api.http: config failure lifecycle model postgres
            api.channel: api.http bus bus.message channel failure model trail
            api.send: api.channel api.http bus bus.message channel command failure model postgres trail wukong
            api.message: api.channel api.http bus bus.message failure messagelog model postgres stream wukong
            api.conversation: api.channel api.http api.message conversation messagelog model postgres
            api.user: account api.http bus bus.message channel config device failure model postgres
            api.event: api.http eventlog failure lifecycle postgres
            api.presence: api.event api.http bus bus.message eventlog failure lifecycle model postgres presencelog
            api.webhook: api.http bus bus.message config endpoint eventlog failure postgres
            api.operator: api.http api.user bus bus.message command config endpoint eventlog failure messagelog model \
                postgres presencelog
            api: api.channel api.conversation api.event api.http api.message api.operator api.presence api.send api.user \
                api.webhook bus channel config eventlog postgres stream trail
            ops: bus bus.message config failure lifecycle postgres redis trail

            boot: api bus cluster config failure fanout history lifecycle messaging ops postgres presence socket webhook
            """);

    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?dev\\.herald\\.([a-z.]+)\\.[A-Z]");

    private static final List<String> CONCERNS =
            List.of("socket", "presence", "fanout", "messaging", "history", "webhook", "api", "ops");

    @Test
    void what_all_share_depends_on_the_jdk_only() {
        dependOnlyOn("model");
        dependOnlyOn("failure");
        dependOnlyOn("bus.message", "dev.herald.model..");
    }

    @Test
    void the_wire_depends_on_the_model_and_on_what_it_encodes_with_only() {
        dependOnlyOn(
                "wire",
                "dev.herald.model..",
                "com.fasterxml.jackson..",
                "javax.crypto..",
                "org.bouncycastle.math.ec.rfc7748..");
    }

    @Test
    void only_the_bus_touches_the_event_bus() {
        onlyIn("bus", EventBus.class);
    }

    @Test
    void only_the_redis_package_connects_to_redis() {
        onlyIn("redis", Redis.class, RedisConnection.class);
    }

    @Test
    void only_the_postgres_package_makes_pools() {
        onlyIn("postgres", PgBuilder.class, PoolOptions.class);
    }

    @Test
    void only_the_cluster_package_knows_hazelcast() {
        hold(noClasses()
                .that()
                .resideOutsideOfPackage(packageOf("cluster"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.hazelcast..", "io.vertx.spi.cluster.hazelcast.."));
    }

    @TestFactory
    Stream<DynamicTest> a_package_knows_exactly_those_that_its_arrows_lead_to() {
        return ARROWS.keySet().stream()
                .map(name -> DynamicTest.dynamicTest(
                        name, () -> assertThat(known(name)).containsExactlyInAnyOrderElementsOf(ARROWS.get(name))));
    }

    @Test
    void concerns_know_nothing_of_each_other() {
        ARROWS.forEach((name, known) -> assertThat(known)
                .as(name)
                .noneMatch(it -> CONCERNS.contains(outermost(name))
                        && CONCERNS.contains(outermost(it))
                        && !outermost(it).equals(outermost(name))));
    }

    @Test
    void every_package_has_its_arrows() {
        Set<String> packages =
                HERALD.stream().map(ArchitectureTest::nameOf).collect(Collectors.toCollection(TreeSet::new));
        packages.remove("");
        assertThat(ARROWS.keySet()).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void only_the_command_line_prints_or_exits() {
        hold(noClasses()
                .that(not(equivalentTo(Main.class)))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class));
    }

    @Test
    void nobody_sleeps_or_logs_through_the_jdk() {
        hold(noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", Duration.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging.."));
    }

    /** A concern is a package with those inside it. */
    private static String outermost(String name) {
        return name.split("\\.", -1)[0];
    }

    /** The other packages whose types its own use, or whose constants: they are in no class file. */
    private static Set<String> known(String name) {
        Stream<String> used = HERALD.stream()
                .filter(type -> nameOf(type).equals(name))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(arrow -> arrow.getTargetClass().getBaseComponentType())
                .filter(type -> type.getPackageName().startsWith("dev.herald."))
                .map(ArchitectureTest::nameOf);
        Stream<String> imported = NamedMetrics.texts("src/main/java/dev/herald/" + name.replace('.', '/'))
                .filter(text -> text.contains("package dev.herald." + name + ";"))
                .flatMap(text -> IMPORT.matcher(text).results())
                .map(line -> line.group(1));
        return Stream.concat(used, imported)
                .filter(other -> !other.equals(name))
                .collect(Collectors.toSet());
    }

    private static String nameOf(JavaClass type) {
        return type.getPackageName().replaceFirst("dev\\.herald\\.?", "");
    }

    private static Map<String, Set<String>> arrows(String text) {
        Map<String, Set<String>> arrows = new LinkedHashMap<>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> {
            String[] sides = line.split(": *", -1);
            Set<String> known = sides[1].isEmpty() ? Set.of() : Set.of(sides[1].split(" +"));
            if (!arrows.keySet().containsAll(known)) {
                throw new IllegalArgumentException("an arrow leads down: " + line);
            }
            arrows.put(sides[0], known);
        });
        return arrows;
    }

    /** On the JDK, on itself, and on what is named. */
    private static void dependOnlyOn(String name, String... others) {
        String[] jdk = {"java..", "org.jspecify.annotations..", packageOf(name)};
        hold(classes()
                .that()
                .resideInAPackage(packageOf(name))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        Stream.concat(Arrays.stream(jdk), Arrays.stream(others)).toArray(String[]::new)));
    }

    private static void onlyIn(String name, Class<?>... guarded) {
        for (Class<?> type : guarded) {
            hold(noClasses()
                    .that()
                    .resideOutsideOfPackage(packageOf(name))
                    .should()
                    .dependOnClassesThat(equivalentTo(type)));
        }
    }

    private static void hold(ArchRule rule) {
        rule.allowEmptyShould(true).check(HERALD);
    }

    private static String packageOf(String name) {
        return "dev.herald." + name + "..";
    }
}
