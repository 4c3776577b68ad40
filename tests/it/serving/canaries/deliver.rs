//! What sources, files and the command line bring in.

use std::fs;

use super::{BUREAU, Scene};
use crate::support::{made, rows};

impl Scene {
    pub(super) fn deliver(&self) {
        let c = &self.canaries;
        let city = made::body(1, "佛山市样例局", "440600");
        let town = [
            made::body(2, BUREAU, "440604")
                .superior(&city.uscc)
                .alias(&c.phone("register alias")),
            made::body(3, "佛山市南海区样例局", "440605")
                .alias("区样例局")
                .former(&format!("样例{}旧局", c.phone("register former name"))),
            made::body(
                4,
                &format!("佛山市{}样例局", c.phone("register name")),
                "440600",
            ),
            // Rejected: its code is a person's, and so is what stands for its division.
            made::body(5, "佛山市坏例局", "440600")
                .with("统一社会信用代码", &c.number("register bad code")),
            made::body(6, "佛山市又例局", "440600")
                .with("行政区划代码", &c.phone("register bad division")),
            city,
        ];
        self.bring("agency_register", "register.csv", &made::register(&town), 6);

        let orders = (0..60).map(|n| {
            let order = rows::order(n, BUREAU, "政务诚信")
                .with("诉求主题", c.words("order title"))
                .with("诉求内容", c.words("order content"))
                .with("诉求人", c.phone("order petitioner"))
                .with("诉求人电话", c.phone("order phone"))
                .with("派单员", c.phone("order clerk"))
                .with("办理科室", c.phone("order office"))
                .with("处理结果", c.words("order result"));
            match n % 6 {
                0 => order.with("办理单位", format!("区样例局{}", c.phone("order body"))),
                1 => order.with("派发时间", c.number("order bad time")),
                2 => order.with("办件编号", c.phone("order number")),
                3 => order.with("事项小类", c.number("order category")),
                4 => order.with("承诺完成时间", c.phone("order bad deadline")),
                _ => order,
            }
        });
        self.bring(
            "hotline",
            "orders.csv",
            &rows::file(&orders.collect::<Vec<_>>()),
            60,
        );
        let headings = format!(
            "{},{}\n{},x\n",
            c.phone("headings"),
            c.number("headings"),
            c.phone("row of no layout")
        );
        self.bring("hotline", "strange.csv", headings.as_bytes(), 0);

        let complaints = (0..40).map(|n| {
            let complaint = rows::established(n, BUREAU)
                .with(
                    "债权人名称",
                    format!("个体工商户甲某{}", c.phone("creditor")),
                )
                .with("债权人统一社会信用代码", c.number("creditor's code"))
                .with("项目名称", c.words("project"))
                .with("合同编号", c.phone("contract"))
                .with(
                    "处理结果",
                    format!("经核实属实，{}", c.words("arrears result")),
                );
            match n % 4 {
                0 => complaint.with("拖欠金额", c.phone("bad amount")),
                1 => complaint.with("受理日期", c.number("bad date")),
                2 => complaint.with("债务人名称", format!("区样例局（{}）", c.number("debtor"))),
                _ => complaint,
            }
        });
        self.bring(
            "arrears",
            "complaints.csv",
            &rows::file(&complaints.collect::<Vec<_>>()),
            40,
        );

        let listings = (1..=40).map(|n| {
            let mut listing = match n % 4 {
                0 => made::listing(n, "甲某乙").code(c.number("listed person")),
                1 => made::listing(n, &format!("甲某{}", c.number("listed name"))),
                2 => made::listing(n, BUREAU).case(&c.phone("bad case number")),
                _ => made::listing(n, BUREAU),
            };
            listing.duty = c.words("duty");
            listing.representative = c.number("representative");
            listing.performance = format!("全部未履行{}", c.phone("performance"));
            listing
        });
        self.bring(
            "court_debtors",
            "list.jsonl",
            &made::court_jsonl(&listings.collect::<Vec<_>>()),
            40,
        );

        let posts = (0..20).map(|n| {
            let post = rows::post(
                "甲某乙",
                &c.number("post"),
                town[0].uscc.as_str(),
                &format!("局长{}", c.phone("title")),
            );
            match n % 3 {
                0 => post.with("任职起", c.number("bad first day")),
                1 => post.with("单位统一社会信用代码", c.number("post's body")),
                _ => post,
            }
        });
        self.bring(
            "official_register",
            "posts.csv",
            &rows::file(&posts.collect::<Vec<_>>()),
            20,
        );

        let breaches = (0..20).map(|n| {
            rows::breach(n, BUREAU)
                .with("sxxw", c.words("breach"))
                .with("ly", c.phone("domain"))
                .with("rdbm", format!("样例认定局{}", c.phone("determined by")))
                .with("rdwh", format!("样认{}号", c.number("document")))
        });
        self.bring(
            "credit_platform",
            "breaches.csv",
            &rows::file(&breaches.collect::<Vec<_>>()),
            20,
        );

        for n in 0..20 {
            let letter = format!(
                "From: \"{}\" <{}@example.invalid>\r\nTo: box@example.invalid\r\nMessage-ID: <{n}@example.invalid>\r\n\
                 Date: Mon, 05 May 2025 09:00:00 +0800\r\nSubject: letter {}\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
                 被反映单位：{BUREAU}\r\n反映人：{}\r\n联系电话：{}\r\n身份证号:{}\r\n{}\r\n",
                c.phone("letter's sender"),
                c.phone("letter's address"),
                c.phone("subject"),
                c.number("letter's writer"),
                c.phone("letter's phone"),
                c.number("letter's number"),
                c.words("letter"),
            );
            self.bring("mailbox", "letter.eml", letter.as_bytes(), 1);
        }
        let none = format!("no letter {}\r\n", c.words("no letter"));
        let path = self.outside.path().join("none.eml");
        fs::write(&path, none).expect("the folder is ours");
        self.call(&[
            "ingest",
            "mailbox",
            "--partial",
            "--file",
            &path.display().to_string(),
        ]);
        let names = format!(
            "名称,代码\n甲某{},{}\n",
            c.phone("list of names"),
            c.number("list of codes")
        );
        let path = self.outside.path().join("list.csv");
        fs::write(&path, names).expect("the folder is ours");
        let list = path.display().to_string();
        self.call(&[
            "check",
            "--file",
            &list,
            "--purpose",
            &c.words("check purpose"),
        ]);
        self.call(&[
            "check",
            "--name",
            &c.words("check name"),
            "--purpose",
            "x",
            "--reference",
            &c.words("reference"),
        ]);
        self.call(&[
            "raw",
            "erase",
            &"0".repeat(64),
            "--reason",
            &c.words("reason"),
        ]);
    }
}
