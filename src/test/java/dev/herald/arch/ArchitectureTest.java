package dev.herald.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.herald.Main;
import io.vertx.core.eventbus.EventBus;
import io.vertx.pgclient.PgBuilder;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may use whom; a package that does not exist yet breaks no rule. */
class ArchitectureTest {
    private static final JavaClasses HERALD = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.herald");

    private static final String[] CONCERNS = {
        "socket", "presence", "fanout", "webhook", "messaging", "history", "api", "ops"
    };
    private static final String[] STORES = {
        "account",
        "channel",
        "command",
        "conversation",
        "device",
        "endpoint",
        "eventlog",
        "messagelog",
        "presencelog",
        "stream",
        "wukong"
    };

    @Test
    void the_model_stands_alone() {
        dependOnlyOn("model");
    }

    @Test
    void failures_stand_alone() {
        dependOnlyOn("failure");
    }

    @Test
    void bus_messages_depend_on_the_model_only() {
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
    Stream<DynamicTest> a_concern_knows_no_other() {
        return Arrays.stream(CONCERNS)
                .map(concern -> DynamicTest.dynamicTest(
                        concern,
                        () -> hold(noClasses()
                                .that()
                                .resideInAPackage(packageOf(concern))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(
                                        packagesOf(Arrays.stream(CONCERNS).filter(it -> !it.equals(concern)))))));
    }

    @Test
    void a_store_knows_no_concern() {
        hold(noClasses()
                .that()
                .resideInAnyPackage(packagesOf(Arrays.stream(STORES)))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packagesOf(Arrays.stream(CONCERNS))));
    }

    @Test
    void only_the_command_line_knows_how_a_node_is_put_together() {
        hold(noClasses()
                .that(resideInAnyPackage("dev.herald..")
                        .and(not(resideInAnyPackage(packageOf("boot"))))
                        .and(not(equivalentTo(Main.class))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(packageOf("boot")));
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

    @Test
    void packages_form_no_cycle() {
        hold(slices().matching("dev.herald.(**)").should().beFreeOfCycles());
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

    private static String[] packagesOf(Stream<String> names) {
        return names.map(ArchitectureTest::packageOf).toArray(String[]::new);
    }

    private static String packageOf(String name) {
        return "dev.herald." + name + "..";
    }
}
