import { http, HttpResponse, type RequestHandler } from "msw";
import type { Role } from "@/api/types";
import { aMe, aPage, aProblem, someStats } from "./samples";

/** What every page of a project asks for. */
export function frame(role: Role = "reviewer"): RequestHandler[] {
  return [
    http.get("/api/me/", () => HttpResponse.json(aMe(role))),
    http.get("/api/stats/", () => HttpResponse.json(someStats())),
    http.get("/api/auth/csrf/", () => {
      document.cookie = "csrftoken=token-1";
      return HttpResponse.json({ csrf_token: "token-1" });
    }),
    http.get("/api/labels/", () => (role === "viewer" ? refuse(403, "This takes the role of reviewer; yours is viewer.") : HttpResponse.json({ waiting: 0 }))),
    http.get("/api/runs/", () => HttpResponse.json(aPage([]))),
    http.get("/api/runs/schedules/", () => HttpResponse.json(aPage([]))),
  ];
}

export function refuse(status: number, detail: string) {
  return HttpResponse.json(aProblem(status, detail), { status, headers: { "Content-Type": "application/problem+json" } });
}
