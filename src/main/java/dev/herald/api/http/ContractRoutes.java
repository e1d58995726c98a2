package dev.herald.api.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;

/** The document for programs, and a page of it for people; both without a token, since they tell no secrets. */
final class ContractRoutes {
    private static final String SWAGGER = "META-INF/resources/webjars/swagger-ui/5.34.1";
    private static final String PAGE = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Herald API</title>
            <link rel="stylesheet" href="/docs/swagger-ui.css"></head><body><div id="api"></div>
            <script src="/docs/swagger-ui-bundle.js"></script>
            <script>SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", deepLinking: true})</script></body></html>
            """;

    private final Contract contract;

    ContractRoutes(Contract contract) {
        this.contract = contract;
    }

    void mount(Router router) {
        router.get("/openapi.json").handler(this::document);
        router.get("/docs").handler(request -> request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .end(PAGE));
        router.get("/docs/*").handler(StaticHandler.create(SWAGGER).setIndexPage("none"));
    }

    private void document(RoutingContext request) {
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json; charset=utf-8")
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .end(contract.text());
    }
}
