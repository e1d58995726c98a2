package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.http.Documented;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ContractIT {
    @RegisterExtension
    static final ApiServer API = ApiServer.of(Map.of("api.token", "secret"));

    @Test
    void every_route_is_documented_and_every_documented_route_served() {
        Set<String> served = API.routes().stream()
                .filter(route -> route.getPath() != null && route.methods() != null)
                .filter(route -> !route.getPath().startsWith("/docs"))
                .flatMap(route -> route.methods().stream().map(method -> method + " " + route.getPath()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(Documented.ROUTES.stream().map(route -> route.replaceAll("\\{(\\w+)}", ":$1")))
                .as("openapi.yaml")
                .containsExactlyInAnyOrderElementsOf(served);
    }

    @Test
    void anybody_may_read_the_document_and_its_page() {
        assertThat(API.get("/openapi.json").json().getString("openapi")).startsWith("3.1");
        for (String path : List.of("/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js")) {
            assertThat(API.get(path).status()).as(path).isEqualTo(200);
        }
        assertThat(API.get("/user/systemuids").status()).isEqualTo(401);
    }
}
